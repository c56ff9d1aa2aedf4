/** One row of the builder. */

import { el, uniqueId } from "../dom.js";
import { button } from "../forms.js";
import { comparisonsFor, conditionOn, FIELDS, kindOf, subjectOf, valueOf } from "./rules.js";

const DAY = /^\d{4}-\d\d-\d\d$/; // an exact instant is shown as text

const SUBJECTS = [
  ...FIELDS.map(({ name, label }) => [name, label]),
  ["inactive", "Inactive for"],
  ["everyone", "Everyone"],
];

/**
 * `onedit(condition)` when its comparison or value changes, `onsubject(condition)` when another field is chosen, which
 * needs other inputs; errors at `path` are shown in the row; without `onremove` the row can't be removed.
 */
export function condition({ value, title, path, onedit, onsubject, onremove }) {
  const edit = (change) => onedit((value = { ...value, ...change }));
  const remove = button("×", { kind: "quiet icon", "aria-label": `Remove ${title.toLowerCase()}`, onclick: onremove });
  return el(
    "div",
    { class: "condition", role: "group", "aria-label": title, "data-field": path },
    subject(value, onsubject),
    ...inputs(value, edit),
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

function inputs(value, edit) {
  if (value.op === "everyone") return [];
  if (value.op === "inactive") return [input("Days", "number", value.days, (days) => edit({ days }))];
  return [comparison(value, edit), input("Value", kindOf(value), value.value, (typed) => edit({ value: typed }))];
}

function comparison(value, edit) {
  const onchange = (event) => edit({ op: event.target.value });
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
