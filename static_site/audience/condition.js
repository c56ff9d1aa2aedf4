/** One row of the builder. */

import { el, uniqueId } from "../dom.js";
import { button } from "../forms.js";
import {
  argumentOf,
  compareBy,
  comparisonsFor,
  conditionOn,
  FIELDS,
  kindOf,
  SUBJECTS as OTHERS,
  subjectOf,
  valueOf,
} from "./rules.js";

const DAY = /^\d{4}-\d\d-\d\d$/; // an exact instant is shown as text

const SUBJECTS = [...FIELDS.map(({ name, label }) => [name, label]), ...Object.entries(OTHERS)];

const LABELS = { value: "Value", days: "Days", tag: "Tag" };

/**
 * `onedit(condition)` when its comparison or value changes, `onsubject(condition)` when a field or a comparison is chosen
 * that needs other inputs; errors at `path` are shown in the row; without `onremove` the row can't be removed.
 */
export function condition({ value, title, path, onedit, onsubject, onremove }) {
  const edit = (change) => onedit((value = { ...value, ...change }));
  const remove = button("×", { kind: "quiet icon", "aria-label": `Remove ${title.toLowerCase()}`, onclick: onremove });
  return el(
    "div",
    { class: "condition", role: "group", "aria-label": title, "data-field": path },
    subject(value, onsubject),
    ...inputs(value, edit, onsubject),
    onremove && remove,
    el("p", { class: "field-error" }),
  );
}

function subject(value, onsubject) {
  const chosen = subjectOf(value);
  const known = SUBJECTS.some(([name]) => name === chosen) ? SUBJECTS : [...SUBJECTS, [chosen, chosen]];
  const onchange = (event) => onsubject(conditionOn(event.target.value));
  return labelled("Field", el("select", { onchange, value: chosen }, ...known.map(option)));
}

function inputs(value, edit, onsubject) {
  const name = argumentOf(value);
  const kind = { days: "number", tag: "text" }[name] ?? kindOf(value);
  return [
    value.field && comparison(value, edit, onsubject),
    name && input(LABELS[name], kind, value[name], (typed) => edit({ [name]: typed })),
  ];
}

function comparison(value, edit, onsubject) {
  const onchange = (event) => {
    const changed = compareBy(value, event.target.value);
    return argumentOf(changed) === argumentOf(value) ? edit({ op: changed.op }) : onsubject(changed);
  };
  return labelled(
    "Comparison",
    el("select", { onchange, value: value.op }, ...Object.entries(comparisonsFor(value)).map(option)),
  );
}

function input(label, kind, value, onvalue) {
  const oninput = (event) => onvalue(valueOf(kind, event.target.value));
  const type = kind === "date" && (!value || DAY.test(value)) ? "date" : "text";
  return labelled(label, el("input", { type, inputmode: kind === "number" ? "decimal" : null, oninput, value }));
}

function labelled(text, control) {
  control.id = uniqueId("condition");
  return el("div", { class: "part" }, el("label", { for: control.id, class: "visually-hidden" }, text), control);
}

const option = ([value, label]) => el("option", { value }, label);
