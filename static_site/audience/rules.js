/**
 * Rule trees and what the builder shows of them: groups of conditions, AND within a group, OR between groups.
 *
 * A condition is a leaf of the tree: `{op: ">", field: "spend", value: 10000}`, `{op: "is_set", field: "city"}`,
 * `{op: "inactive", days: 90}`, `{op: "has_tag", tag: "vip"}` or `{op: "everyone"}`.
 */

const KNOWN = { is_set: "is known", is_missing: "is missing" };

const COMPARISONS = {
  number: {
    "=": "is",
    "!=": "is not",
    ">": "is more than",
    ">=": "is at least",
    "<": "is less than",
    "<=": "is at most",
    ...KNOWN,
  },
  date: {
    "=": "is on",
    "!=": "is not on",
    ">": "is after",
    ">=": "is on or after",
    "<": "is before",
    "<=": "is on or before",
    in_last: "in the last (days)",
    in_next: "in the next (days)",
    ...KNOWN,
  },
  text: {
    "=": "is",
    "!=": "is not",
    contains: "contains",
    starts_with: "starts with",
    ...KNOWN,
    ">": "comes after",
    ">=": "is or comes after",
    "<": "comes before",
    "<=": "is or comes before",
  },
};

/** Texts are seldom put in order. */
const ORDERS = [">", ">=", "<", "<="];

/** What an operator asks for besides a field: "value", "days", "tag" or nothing. */
const ARGUMENTS = {
  everyone: null,
  is_set: null,
  is_missing: null,
  inactive: "days",
  active: "days",
  in_last: "days",
  in_next: "days",
  has_tag: "tag",
};

const OPERATORS = new Set([...Object.values(COMPARISONS).flatMap(Object.keys), ...Object.keys(ARGUMENTS)]);

/** What can be chosen in place of a field. */
export const SUBJECTS = { inactive: "Inactive for", active: "Active within", has_tag: "Has the tag", everyone: "Everyone" };

export const FIELDS = [
  { name: "spend", label: "Spend", kind: "number" },
  { name: "visits", label: "Visits", kind: "number" },
  { name: "orders", label: "Orders", kind: "number" },
  { name: "average_order_value", label: "Average order value", kind: "number" },
  { name: "active_days", label: "Active days", kind: "number" },
  { name: "last_active_at", label: "Last active", kind: "date" },
  { name: "first_order_at", label: "First order", kind: "date" },
  { name: "created_at", label: "Added", kind: "date" },
  { name: "city", label: "City", kind: "text" },
  { name: "name", label: "Name", kind: "text" },
  { name: "email", label: "E-mail", kind: "text" },
  { name: "phone", label: "Phone", kind: "text" },
];

const MOST_GROUPS = 12;

/** "number", "date" or "text"; of a field that is not in `FIELDS` the value that it is compared with tells. */
export function kindOf({ field: name, value }) {
  const known = FIELDS.find((field) => field.name === name);
  return known?.kind ?? (typeof value === "number" ? "number" : "text");
}

/** What a condition can be compared by, `{operator: words}`; texts are put in order only if they are already. */
export function comparisonsFor(condition) {
  const all = Object.entries(COMPARISONS[kindOf(condition)]);
  const isOrdered = kindOf(condition) !== "text" || ORDERS.includes(condition.op);
  return Object.fromEntries(all.filter(([op]) => isOrdered || !ORDERS.includes(op)));
}

export const argumentOf = ({ op }) => (op in ARGUMENTS ? ARGUMENTS[op] : "value");

/** A new condition for what was chosen as its field: a field's name, or one of the other subjects. */
export function conditionOn(subject) {
  if (subject in SUBJECTS) return withArgument({ op: subject }, null);
  return { op: kindOf({ field: subject }) === "text" ? "=" : ">", field: subject, value: null };
}

/** The condition with another operator; what it was compared with stays where that still makes sense. */
export function compareBy(condition, op) {
  const changed = { op, field: condition.field };
  const isAlike = argumentOf(changed) === argumentOf(condition);
  return withArgument(changed, isAlike ? condition[argumentOf(condition)] : null);
}

function withArgument(condition, value) {
  const name = argumentOf(condition);
  return name ? { ...condition, [name]: value } : condition;
}

export const subjectOf = (condition) => condition.field ?? condition.op;

/** What was typed as a number or a text; null where that is not possible. */
export function valueOf(kind, typed) {
  const trimmed = typed.trim();
  if (!trimmed) return null;
  if (kind !== "number") return trimmed;
  return Number.isFinite(Number(trimmed)) ? Number(trimmed) : null;
}

export function isComplete(condition) {
  const name = argumentOf(condition);
  return !name || (condition[name] !== null && condition[name] !== undefined);
}

/** The same people as groups, with nested ORs multiplied out; null where the builder can't show such a rule. */
export function groupsFrom(tree) {
  const groups = alternatives(tree);
  return groups && groups.length <= MOST_GROUPS ? groups : null;
}

function alternatives({ op, of, ...leaf }) {
  if (op === "or") return all(of.map(alternatives), (parts) => parts.flat());
  if (op === "and") return all(of.map(alternatives), (parts) => parts.reduce(together, [[]]));
  return isCondition(op, leaf) ? [[{ op, ...leaf }]] : null;
}

/** Every pairing of a group from the left with one from the right; past the limit there is no point in going on. */
const together = (left, right) =>
  left.flatMap((one) => right.map((other) => [...one, ...other])).slice(0, MOST_GROUPS + 1);

const all = (parts, join) => (parts.includes(null) ? null : join(parts));

function isCondition(op, leaf) {
  const name = argumentOf({ op });
  return OPERATORS.has(op) && (!name || ["number", "string"].includes(typeof leaf[name]));
}

/** The tree for groups that are complete, without needless nesting. */
export const treeFrom = (groups) =>
  joined(
    "or",
    groups.map((conditions) => joined("and", conditions)),
  );

/** Where condition `place` of group `index` stands in that tree: `rules.of.0.of.1`. */
export function pathOf(groups, index, place) {
  const steps = [groups.length > 1 && `of.${index}`, groups[index].length > 1 && `of.${place}`];
  return ["rules", ...steps.filter(Boolean)].join(".");
}

const joined = (op, parts) => (parts.length === 1 ? parts[0] : { op, of: parts });
