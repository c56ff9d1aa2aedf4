/** One row of the builder. */

import { el, uniqueId } from "../dom.js";
import { button } from "../forms.js";
import {
  argumentsOf,
  attributeField,
  attributeOf,
  compareBy,
  comparisonOf,
  comparisonsFor,
  conditionOn,
  isOptional,
  subjectOf,
} from "./rules.js";
import { FIELDS, kindNamed, SUBJECTS, typedOf, valueOf, valuesOf } from "./subjects.js";
import { suggesting } from "./suggestions.js";

const DAY = /^\d{4}-\d\d-\d\d$/; // an exact instant is shown as text

const CHOICES = {
  "What is known": FIELDS.map(({ name, label }) => [name, label]),
  Other: ["attributes", "has_tag", "in_segment", "everyone"].map((name) => [name, SUBJECTS[name].label]),
  "What they did": ["inactive", "active", "ordered", "visited"].map((name) => [name, SUBJECTS[name].label]),
  Messages: ["received", "opened", "clicked"].map((name) => [name, SUBJECTS[name].label]),
};

const LABELS = {
  value: "Value",
  low: "From",
  high: "To",
  values: "Values, separated by commas",
  days: "Days",
  tag: "Tag",
  segment: "Segment",
  campaign: "Campaign",
};

const PLACEHOLDERS = { low: "from", high: "to", values: "Pune, Goa", days: "days", tag: "tag", segment: "segment" };
const OPTIONAL = { campaign: "any campaign", days: "last … days" };
const UNITS = { days: "days" };
const KINDS = { days: "number", tag: "text", segment: "text", campaign: "text" };

/**
 * `onedit(condition)` when its comparison or value changes, `onsubject(condition)` when a field or a comparison is chosen
 * that needs other inputs; errors at `path` are shown in the row; without `onremove` the row can't be removed.
 */
export function condition({ value, title, path, onedit, onsubject, onremove }) {
  const exchange = (changed) => onedit((value = changed));
  const edit = (change) => exchange({ ...value, ...change });
  const errorId = uniqueId("condition-error");
  const remove = button("×", { kind: "quiet icon", "aria-label": `Remove ${title.toLowerCase()}`, onclick: onremove });
  const element = el(
    "div",
    { class: "condition", role: "group", "aria-label": title, "data-field": path },
    subject(value, onsubject),
    subjectOf(value) === "attributes" && attribute(value, edit),
    comparison(() => value, exchange, onsubject),
    ...argumentsOf(value).map((name) => argument(value, name, edit)),
    onremove && remove,
    el("p", { class: "field-error", role: "alert", id: errorId }),
  );
  for (const control of element.querySelectorAll("input, select")) control.setAttribute("aria-describedby", errorId);
  return element;
}

function subject(value, onsubject) {
  const chosen = subjectOf(value);
  const groups = Object.entries(CHOICES).map(([label, options]) => el("optgroup", { label }, ...options.map(option)));
  const isKnown = Object.values(CHOICES).some((options) => options.some(([name]) => name === chosen));
  const onchange = (event) => onsubject(conditionOn(event.target.value));
  const control = el("select", { onchange, value: chosen }, ...groups, !isKnown && option([chosen, chosen]));
  return labelled("Field", control, { name: subjectOf(value) === "attributes" ? "" : "field" });
}

function attribute(value, edit) {
  const oninput = (event) => edit({ field: attributeField(event.target.value) });
  const control = el("input", { placeholder: "name", oninput, value: attributeOf(value) });
  return labelled("Attribute name", control, { name: "field" });
}

/** `current()` is the condition as it is by then. */
function comparison(current, exchange, onsubject) {
  const options = Object.entries(comparisonsFor(current()));
  if (!options.length) return null;
  const onchange = (event) => {
    const changed = compareBy(current(), event.target.value);
    return isDrawnAlike(changed, current()) ? exchange(changed) : onsubject(changed);
  };
  const control = el("select", { onchange, value: comparisonOf(current()) }, ...options.map(option));
  return labelled("Comparison", control, { name: "op" });
}

/** Errors of an opposite come at another path. */
const isDrawnAlike = (one, other) =>
  String(argumentsOf(one)) === String(argumentsOf(other)) && Boolean(one.not) === Boolean(other.not);

function argument(value, name, edit) {
  const kind = KINDS[name] ?? (value.field ? kindNamed(value.field) : "number");
  const read = name === "values" ? valuesOf : valueOf;
  const oninput = (event) => edit({ [name]: read(kind, event.target.value) });
  if (kind === "flag") return labelled("Value", flag(value[name], oninput), { name });
  const isDay = kind === "date" && name !== "values" && (!value[name] || DAY.test(value[name]));
  const control = el("input", {
    type: isDay ? "date" : "text",
    inputmode: kind === "number" ? "decimal" : null,
    placeholder: isOptional(value, name) ? OPTIONAL[name] : PLACEHOLDERS[name],
    oninput,
    value: typedOf(kind, value[name]),
  });
  return suggesting(labelled(LABELS[name], control, { name, unit: UNITS[name] }), { name, field: value.field });
}

function flag(value, oninput) {
  const options = [
    ["", "–"],
    ["yes", "yes"],
    ["no", "no"],
  ].map(option);
  return el("select", { onchange: oninput, value: typedOf("flag", value) }, ...options);
}

/** `name` is the part of the condition whose errors are the control's. */
function labelled(text, control, { name, unit }) {
  control.id = uniqueId("condition");
  return el(
    "div",
    { class: "part", "data-part": name, "data-unit": unit },
    el("label", { for: control.id, class: "visually-hidden" }, text),
    control,
  );
}

const option = ([value, label]) => el("option", { value }, label);
