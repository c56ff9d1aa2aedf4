/**
 * Rule trees and what the builder shows of them: groups of conditions, AND within a group, OR between groups.
 *
 * A condition is a leaf of the tree: `{op: ">", field: "spend", value: 10000}`, `{op: "inactive", days: 90}` or
 * `{op: "everyone"}`.
 */

const COMPARISONS = {
  number: {
    "=": "is",
    "!=": "is not",
    ">": "is more than",
    ">=": "is at least",
    "<": "is less than",
    "<=": "is at most",
  },
  date: {
    "=": "is on",
    "!=": "is not on",
    ">": "is after",
    ">=": "is on or after",
    "<": "is before",
    "<=": "is on or before",
  },
  text: {
    "=": "is",
    "!=": "is not",
    ">": "comes after",
    ">=": "is or comes after",
    "<": "comes before",
    "<=": "is or comes before",
  },
};

const OPERATORS = Object.keys(COMPARISONS.number);

export const FIELDS = [
  { name: "spend", label: "Spend", kind: "number" },
  { name: "visits", label: "Visits", kind: "number" },
  { name: "orders", label: "Orders", kind: "number" },
  { name: "active_days", label: "Active days", kind: "number" },
  { name: "last_active_at", label: "Last active", kind: "date" },
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

/** What a condition's value can be compared by, `{sign: words}`; texts are seldom put in order, so only if they are. */
export function comparisonsFor(condition) {
  const { "=": is, "!=": isNot, ...orders } = COMPARISONS[kindOf(condition)];
  const isPlainText = kindOf(condition) === "text" && !(condition.op in orders);
  return { "=": is, "!=": isNot, ...(isPlainText ? {} : orders) };
}

/** A new condition for what was chosen as its field: a field's name, `inactive` or `everyone`. */
export function conditionOn(subject) {
  if (subject === "everyone") return { op: "everyone" };
  if (subject === "inactive") return { op: "inactive", days: null };
  return { op: kindOf({ field: subject }) === "text" ? "=" : ">", field: subject, value: null };
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
  if (condition.op === "everyone") return true;
  const value = condition.op === "inactive" ? condition.days : condition.value;
  return value !== null && value !== undefined;
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

const isCondition = (op, leaf) =>
  op === "everyone" ||
  op === "inactive" ||
  (OPERATORS.includes(op) && ["number", "string"].includes(typeof leaf.value));

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
