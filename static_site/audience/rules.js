/**
 * The conditions of rules.
 *
 * A condition is a leaf of the tree, such as `{op: ">", field: "spend", value: 10000}` or `{op: "inactive", days: 90}`.
 * A negated condition has `not: true`. Arguments that are not filled in are null.
 */

import { comparisonsOf, SUBJECTS, startComparison } from "./fields.js";

/**
 * The arguments of each operator besides the field. Other operators have one argument, `value`.
 *
 * @type {Record<string, string[]>}
 */
const ARGUMENTS = {
  everyone: [],
  is_set: [],
  is_missing: [],
  between: ["low", "high"],
  in: ["values"],
  inactive: ["days"],
  active: ["days"],
  in_last: ["days"],
  in_next: ["days"],
  has_tag: ["tag"],
  in_segment: ["segment"],
  received: ["campaign", "days"],
  opened: ["campaign", "days"],
  clicked: ["campaign", "days"],
  ordered: ["value", "days"],
  visited: ["value", "days"],
};

/**
 * Arguments that may be empty.
 *
 * @type {Record<string, string[]>}
 */
const OPTIONAL = {
  received: ["campaign", "days"],
  opened: ["campaign", "days"],
  clicked: ["campaign", "days"],
  ordered: ["days"],
  visited: ["days"],
};

const VALUE_OPERATORS = ["=", "!=", ">", ">=", "<", "<=", "contains", "starts_with", "ends_with"];
const OPERATORS = new Set([...VALUE_OPERATORS, ...Object.keys(ARGUMENTS)]);
/** @type {Record<string, string[]>} */
const TYPES = { days: ["number"], tag: ["string"], segment: ["string"], campaign: ["string"] };
const SCALAR_TYPES = ["number", "string", "boolean"];
const ATTRIBUTE = "attributes.";

/** @param {{op: string}} condition */
export const argumentsOf = ({ op }) => ARGUMENTS[op] ?? ["value"];

/**
 * @param {{op: string}} condition
 * @param {string} name
 */
export const isOptional = ({ op }, name) => (OPTIONAL[op] ?? []).includes(name);

/**
 * What a condition is about: the name of a field, "attributes" for every attribute, or another subject.
 *
 * @param {{op: string, field?: string}} condition
 */
export function subjectOf({ op, field }) {
  if (!field) return op;
  return field.startsWith(ATTRIBUTE) ? "attributes" : field;
}

/**
 * @param {string} subject
 * @returns {Ui.Condition}
 */
export function newCondition(subject) {
  if (subject === "attributes") return { op: "=", field: ATTRIBUTE, value: null };
  if (subject in SUBJECTS) return withAllArguments({ op: subject, ...SUBJECTS[subject].start });
  return withAllArguments({ op: startComparison(subject), field: subject });
}

/**
 * @param {Ui.Condition} condition
 * @returns {Ui.Condition}
 */
const withAllArguments = (condition) => ({
  ...Object.fromEntries(argumentsOf(condition).map((name) => [name, null])),
  ...condition,
});

/**
 * The key of a condition's comparison in `comparisonsFor`. The key of an activity has the measure too.
 *
 * @param {Ui.Condition} condition
 */
export function comparisonOf({ op, measure, compare, not }) {
  const key = measure ? `${measure} ${compare}` : op;
  return not ? `not ${key}` : key;
}

/**
 * The keys of the comparisons that a condition offers. The current comparison is always one of them.
 *
 * @param {Ui.Condition} condition
 */
export function comparisonsFor(condition) {
  const { usual, rare = [] } = comparisonsOf(subjectOf(condition));
  const current = comparisonOf(condition);
  const isKnown = [...usual, ...rare].includes(current.replace("not ", ""));
  return usual.includes(current) || !isKnown ? usual : [...usual, current];
}

/**
 * Whether the opposite of a condition is a comparison too.
 *
 * @param {Ui.Condition} condition
 */
export function canBeNegated(condition) {
  const { usual, rare = [] } = comparisonsOf(subjectOf(condition));
  return [...usual, ...rare].includes(comparisonOf({ ...condition, not: false }));
}

/**
 * The condition with another comparison. Arguments that the new comparison has too keep their values.
 *
 * @param {Ui.Condition} condition
 * @param {string} comparison
 * @returns {Ui.Condition}
 */
export function withComparison(condition, comparison) {
  const key = comparison.replace("not ", "");
  const [measure, compare] = condition.measure ? key.split(" ") : [];
  const { field, op } = condition;
  const changed = { op: measure ? op : key, ...(field && { field }), ...(measure && { measure, compare }) };
  const kept = argumentsOf(changed).filter((name) => name in condition);
  const negation = comparison === key ? {} : { not: true };
  return withAllArguments({
    ...changed,
    ...Object.fromEntries(kept.map((name) => [name, condition[name]])),
    ...negation,
  });
}

/**
 * The name of an attribute, as the reader types it.
 *
 * @param {{field?: string}} condition
 */
export const attributeOf = ({ field = ATTRIBUTE }) => field.slice(ATTRIBUTE.length);

/**
 * The field of an attribute with this name. A name with special characters is put in quotes.
 *
 * @param {string} input
 */
export function attributeField(input) {
  const name = input.trim();
  const needsNoQuotes = /^[\p{L}\p{N}_.]*$/u.test(name) || name.includes('"');
  return ATTRIBUTE + (needsNoQuotes ? name : `"${name.replaceAll("\\", "\\\\")}"`);
}

/** @param {Ui.Condition} condition */
export function isComplete(condition) {
  if (condition.field === ATTRIBUTE) return false;
  return argumentsOf(condition).every((name) => (condition[name] ?? null) !== null || isOptional(condition, name));
}

/**
 * Whether the builder can show a leaf.
 *
 * @param {Api.RuleNode} leaf
 */
export function isShown(leaf) {
  return OPERATORS.has(leaf.op) && argumentsOf(leaf).every((name) => isFitting(leaf, name));
}

/**
 * @param {Api.RuleNode} leaf
 * @param {string} name
 */
function isFitting(leaf, name) {
  const value = leaf[name];
  if (name === "values") return Array.isArray(value) && value.every(isListItem);
  return (TYPES[name] ?? SCALAR_TYPES).includes(typeof value) || (isOptional(leaf, name) && (value ?? null) === null);
}

/**
 * Whether an item can be one of several values that are separated by commas.
 *
 * @param {unknown} item
 */
const isListItem = (item) => SCALAR_TYPES.includes(typeof item) && !String(item).includes(",");

/**
 * The condition without what the server added to it.
 *
 * @param {Api.RuleNode | Ui.Condition} leaf
 * @returns {Ui.Condition}
 */
export function plainCondition(leaf) {
  const names = ["field", "measure", "compare", ...argumentsOf(leaf)].filter((name) => (leaf[name] ?? null) !== null);
  const entries = names.map((name) => [name, /** @type {Ui.ConditionValue} */ (leaf[name])]);
  return { op: leaf.op, ...Object.fromEntries(entries) };
}

/**
 * The node of a complete condition.
 *
 * @param {Ui.Condition} condition
 * @returns {Api.RuleNode}
 */
export const leafFrom = (condition) =>
  condition.not ? { op: "not", of: plainCondition(condition) } : plainCondition(condition);
