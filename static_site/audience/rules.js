/**
 * Rule trees and what the builder shows of them: groups of conditions, AND within a group, OR between groups.
 *
 * A condition is a leaf of the tree – `{op: ">", field: "spend", value: 10000}`, `{op: "inactive", days: 90}` – with
 * `not: true` where the opposite is meant. What is still to be filled in is null.
 */

import { comparisonsOf, kindOf, SUBJECTS } from "./subjects.js";

/** What an operator asks for besides a field; a comparison asks for one value. */
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

/** What may be left empty. */
const OPTIONAL = {
  received: ["campaign", "days"],
  opened: ["campaign", "days"],
  clicked: ["campaign", "days"],
  ordered: ["days"],
  visited: ["days"],
};

const COMPARED = ["=", "!=", ">", ">=", "<", "<=", "contains", "starts_with"];
const OPERATORS = new Set([...COMPARED, ...Object.keys(ARGUMENTS)]);
const TYPES = { days: ["number"], tag: ["string"], segment: ["string"], campaign: ["string"] };
const PLAIN = ["number", "string", "boolean"];
const ATTRIBUTE = "attributes.";
const MOST_GROUPS = 12;

export const argumentsOf = ({ op }) => ARGUMENTS[op] ?? ["value"];

export const isOptional = ({ op }, name) => (OPTIONAL[op] ?? []).includes(name);

/** What was chosen in place of a field: a field's name, "attributes" for any of those, or another subject. */
export function subjectOf({ op, field }) {
  if (!field) return op;
  return field.startsWith(ATTRIBUTE) ? "attributes" : field;
}

/** A new condition for a subject. */
export function conditionOn(subject) {
  if (subject === "attributes") return { op: "=", field: ATTRIBUTE, value: null };
  if (subject in SUBJECTS) return withArguments({ op: subject, ...SUBJECTS[subject].start });
  return withArguments({ op: kindOf(subject).start, field: subject });
}

const withArguments = (condition) => ({
  ...Object.fromEntries(argumentsOf(condition).map((name) => [name, null])),
  ...condition,
});

/** Which of `comparisonsFor` a condition has; a deed is compared by its measure, too. */
export function comparisonOf({ op, measure, compare, not }) {
  const key = measure ? `${measure} ${compare}` : op;
  return not ? `not ${key}` : key;
}

/** What a condition can be compared by, `{comparison: words}`: what it has already is always among them. */
export function comparisonsFor(condition) {
  const all = comparisonsOf(subjectOf(condition));
  const chosen = comparisonOf(condition);
  const usual = Object.entries(all).filter(([key, { isRare }]) => !isRare || key === chosen);
  const words = Object.fromEntries(usual.map(([key, one]) => [key, one.words]));
  const opposite = all[chosen.replace("not ", "")];
  return chosen in words || !opposite ? words : { ...words, [chosen]: `not: ${opposite.words}` };
}

/** The condition with another comparison; what it was compared with stays where that still makes sense. */
export function compareBy(condition, comparison) {
  const key = comparison.replace("not ", "");
  const [measure, compare] = condition.measure ? key.split(" ") : [];
  const { field, op } = condition;
  const changed = { op: measure ? op : key, ...(field && { field }), ...(measure && { measure, compare }) };
  const kept = argumentsOf(changed).filter((name) => name in condition);
  const opposite = comparison === key ? {} : { not: true };
  return withArguments({ ...changed, ...Object.fromEntries(kept.map((name) => [name, condition[name]])), ...opposite });
}

/** The name of an attribute, as it is typed, and the field it stands for. */
export const attributeOf = ({ field }) => field.slice(ATTRIBUTE.length);

export function attributeField(typed) {
  const name = typed.trim();
  const isWritten = /^[\p{L}\p{N}_.]*$/u.test(name) || name.includes('"');
  return ATTRIBUTE + (isWritten ? name : `"${name.replaceAll("\\", "\\\\")}"`);
}

export function isComplete(condition) {
  const isThere = (name) => condition[name] !== null && condition[name] !== undefined;
  if (condition.field === ATTRIBUTE) return false;
  return argumentsOf(condition).every((name) => isThere(name) || isOptional(condition, name));
}

/** The same people as groups, with nested ORs multiplied out; null where the builder can't show such a rule. */
export function groupsFrom(tree) {
  const groups = alternatives(tree);
  return groups && groups.length <= MOST_GROUPS ? groups : null;
}

function alternatives(node) {
  if (node.op === "or") return all(node.of.map(alternatives), (parts) => parts.flat());
  if (node.op === "and") return all(node.of.map(alternatives), (parts) => parts.reduce(together, [[]]));
  if (node.op === "not") return isCondition(node.of) ? [[{ ...plain(node.of), not: true }]] : null;
  return isCondition(node) ? [[plain(node)]] : null;
}

/** Every pairing of a group from the left with one from the right; past the limit there is no point in going on. */
const together = (left, right) =>
  left.flatMap((one) => right.map((other) => [...one, ...other])).slice(0, MOST_GROUPS + 1);

const all = (parts, join) => (parts.includes(null) ? null : join(parts));

function isCondition(leaf) {
  const isFitting = (name) => {
    const value = leaf[name];
    if (name === "values") return value.every((one) => PLAIN.includes(typeof one) && !String(one).includes(","));
    return (TYPES[name] ?? PLAIN).includes(typeof value) || (isOptional(leaf, name) && (value ?? null) === null);
  };
  return OPERATORS.has(leaf.op) && argumentsOf(leaf).every(isFitting);
}

/** The leaf without what the server found out about it. */
function plain(leaf) {
  const names = ["op", "field", "measure", "compare", ...argumentsOf(leaf)];
  return Object.fromEntries(names.filter((name) => (leaf[name] ?? null) !== null).map((name) => [name, leaf[name]]));
}

/** The tree for groups that are complete, without needless nesting. */
export const treeFrom = (groups) =>
  joined(
    "or",
    groups.map((conditions) => joined("and", conditions.map(leafFrom))),
  );

const leafFrom = (condition) => (condition.not ? { op: "not", of: plain(condition) } : plain(condition));

/** Where condition `place` of group `index` stands in that tree: `rules.of.0.of.1`. */
export function pathOf(groups, index, place) {
  const steps = [
    groups.length > 1 && `of.${index}`,
    groups[index].length > 1 && `of.${place}`,
    groups[index][place].not && "of",
  ];
  return ["rules", ...steps.filter(Boolean)].join(".");
}

const joined = (op, parts) => (parts.length === 1 ? parts[0] : { op, of: parts });
