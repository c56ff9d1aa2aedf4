/** One row of the rule builder. */

import { el, uniqueId } from "../dom/dom.js";
import { button } from "../dom/forms.js";
import { conditionFields, kindOf, readValue, readValues, SUBJECTS, toInputText } from "./fields.js";
import {
  argumentsOf,
  attributeField,
  attributeOf,
  comparisonOf,
  comparisonsFor,
  isOptional,
  newCondition,
  subjectOf,
  withComparison,
} from "./rules.js";
import { withSuggestions } from "./suggestions.js";

const DAY = /^\d{4}-\d\d-\d\d$/; // an exact time is shown as text

/** @param {string[]} names */
const subjects = (...names) => names.map((name) => [name, SUBJECTS[name].label]);

/** @returns {Record<string, string[][]>} */
const choices = () => ({
  "Customer fields": conditionFields().map(({ name, label }) => [name, label]),
  Other: subjects("attributes", "has_tag", "in_segment", "everyone"),
  Activity: subjects("inactive", "active", "ordered", "visited"),
  Messages: subjects("received", "opened", "clicked"),
});

/** @type {Record<string, string>} */
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

/** @type {Record<string, string>} */
const PLACEHOLDERS = { low: "from", high: "to", values: "Pune, Goa", days: "days", tag: "tag", segment: "segment" };
/** @type {Record<string, string>} */
const OPTIONAL_PLACEHOLDERS = { campaign: "any campaign", days: "last … days" };
/** @type {Record<string, string>} */
const UNITS = { days: "days" };
/** @type {Record<string, Ui.ValueKind>} */
const ARGUMENT_KINDS = { days: "number", tag: "text", segment: "text", campaign: "text" };

/** @typedef {(changed: Ui.Condition) => void} OnCondition */

/**
 * Calls `onEdit(condition)` when the comparison or a value changes, and `onReplace(condition)` when the condition then
 * needs other inputs. Errors at `path` are shown in the row. Without `onRemove` the row cannot be removed.
 *
 * @param {{
 *   condition: Ui.Condition,
 *   title: string,
 *   path: string,
 *   onEdit: OnCondition,
 *   onReplace: OnCondition,
 *   onRemove?: () => void,
 * }} options
 */
export function conditionRow({ condition, title, path, onEdit, onReplace, onRemove }) {
  let current = condition;
  /** @type {OnCondition} */
  const update = (changed) => {
    current = changed;
    onEdit(changed);
  };
  /** @param {Partial<Ui.Condition>} change */
  const edit = (change) => update({ ...current, ...change });
  const errorId = uniqueId("condition-error");
  const remove = button("×", { kind: "quiet icon", "aria-label": `Remove ${title.toLowerCase()}`, onclick: onRemove });
  const element = el(
    "div",
    { class: "condition", role: "group", "aria-label": title, "data-field": path },
    subjectSelect(condition, onReplace),
    subjectOf(condition) === "attributes" && attributeInput(condition, edit),
    comparisonSelect(() => current, update, onReplace),
    ...argumentsOf(condition).map((name) => argumentControl(condition, name, edit)),
    onRemove && remove,
    el("p", { class: "field-error", role: "alert", id: errorId }),
  );
  for (const control of element.querySelectorAll("input, select")) control.setAttribute("aria-describedby", errorId);
  return element;
}

/**
 * @param {Ui.Condition} condition
 * @param {OnCondition} onReplace
 */
function subjectSelect(condition, onReplace) {
  const selected = subjectOf(condition);
  const offered = choices();
  const groups = Object.entries(offered).map(([label, options]) => el("optgroup", { label }, ...options.map(option)));
  const isOffered = Object.values(offered).some((options) => options.some(([name]) => name === selected));
  /** @param {Ui.ControlEvent} event */
  const onchange = (event) => onReplace(newCondition(event.target.value));
  const control = el("select", { onchange, value: selected }, ...groups, !isOffered && option([selected, selected]));
  return labelled("Field", control, { name: selected === "attributes" ? "" : "field" });
}

/**
 * @param {Ui.Condition} condition
 * @param {(change: Partial<Ui.Condition>) => void} edit
 */
function attributeInput(condition, edit) {
  /** @param {Ui.ControlEvent} event */
  const oninput = (event) => edit({ field: attributeField(event.target.value) });
  const control = el("input", { placeholder: "name", oninput, value: attributeOf(condition) });
  return labelled("Attribute name", control, { name: "field" });
}

/**
 * @param {() => Ui.Condition} getCondition Returns the condition as it is now.
 * @param {OnCondition} update
 * @param {OnCondition} onReplace
 */
function comparisonSelect(getCondition, update, onReplace) {
  const options = Object.entries(comparisonsFor(getCondition()));
  if (!options.length) return null;
  /** @param {Ui.ControlEvent} event */
  const onchange = (event) => {
    const changed = withComparison(getCondition(), event.target.value);
    return hasSameInputs(changed, getCondition()) ? update(changed) : onReplace(changed);
  };
  const control = el("select", { onchange, value: comparisonOf(getCondition()) }, ...options.map(option));
  return labelled("Comparison", control, { name: "op" });
}

/**
 * A negated condition counts as different, because its errors have another path.
 *
 * @param {Ui.Condition} left
 * @param {Ui.Condition} right
 */
const hasSameInputs = (left, right) =>
  String(argumentsOf(left)) === String(argumentsOf(right)) && Boolean(left.not) === Boolean(right.not);

/**
 * @param {Ui.Condition} condition
 * @param {string} name
 * @param {(change: Partial<Ui.Condition>) => void} edit
 */
function argumentControl(condition, name, edit) {
  const kind = ARGUMENT_KINDS[name] ?? (condition.field ? kindOf(condition.field) : "number");
  const value = condition[name];
  const read = name === "values" ? readValues : readValue;
  /** @param {Ui.ControlEvent} event */
  const oninput = (event) => edit({ [name]: read(kind, event.target.value) });
  if (kind === "flag") return labelled("Value", flagSelect(value, oninput), { name });
  const isDay = kind === "date" && name !== "values" && (!value || DAY.test(String(value)));
  const control = el("input", {
    type: isDay ? "date" : "text",
    inputmode: kind === "number" ? "decimal" : null,
    placeholder: isOptional(condition, name) ? OPTIONAL_PLACEHOLDERS[name] : PLACEHOLDERS[name],
    oninput,
    value: toInputText(kind, value),
  });
  const part = labelled(LABELS[name], control, { name, unit: UNITS[name] });
  return withSuggestions(part, { name, field: condition.field });
}

/**
 * @param {Ui.ConditionValue} value
 * @param {(event: Ui.ControlEvent) => void} onchange
 */
function flagSelect(value, onchange) {
  const options = [
    ["", "–"],
    ["yes", "yes"],
    ["no", "no"],
  ];
  return el("select", { onchange, value: toInputText("flag", value) }, ...options.map(option));
}

/**
 * @param {string} text
 * @param {HTMLElement} control
 * @param {{name: string, unit?: string}} options `name` is the argument of the condition that the control edits.
 */
function labelled(text, control, { name, unit }) {
  control.id = uniqueId("condition");
  return el(
    "div",
    { class: "part", "data-part": name, "data-unit": unit },
    el("label", { for: control.id, class: "visually-hidden" }, text),
    control,
  );
}

/** @param {string[]} option */
const option = ([value, label]) => el("option", { value }, label);
