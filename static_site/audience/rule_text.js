/** Writes a rule tree in the rule language, as the server does: reading the text again gives the same tree. */

/** @typedef {Api.RuleNode} RuleNode */

/**
 * @param {RuleNode} node
 * @returns {string}
 */
export function ruleText(node) {
  if (node.op === "and")
    return childrenOf(node)
      .map(inGroup(["and", "or"]))
      .join(" AND ");
  if (node.op === "or")
    return childrenOf(node)
      .map(inGroup(["or"]))
      .join(" OR ");
  if (node.op === "not") return `NOT ${inGroup(["and", "or"])(childrenOf(node)[0])}`;
  return node.field ? fieldText(node) : (WRITERS[node.op] ?? everyone)(node);
}

/**
 * The nodes below a group or a NOT.
 *
 * @param {RuleNode} node
 */
export const childrenOf = ({ of: children = [] }) => (Array.isArray(children) ? children : [children]);

/** @param {string[]} operators Groups of these are put in parentheses. */
const inGroup = (operators) => (/** @type {RuleNode} */ node) =>
  operators.includes(node.op) ? `(${ruleText(node)})` : ruleText(node);

const everyone = () => "everyone";

/** @param {unknown} number */
const days = (number) => `${number} ${number === 1 ? "day" : "days"}`;

/** @param {RuleNode} node */
const lastDays = (node) => (node.days ? ` in the last ${days(node.days)}` : "");

/** @param {unknown} text */
const quote = (text) => `"${String(text).replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;

/** @type {Record<string, (node: RuleNode) => string>} */
const FIELD_WRITERS = {
  between: ({ low, high }) => `between ${valueText(low)} and ${valueText(high)}`,
  in: ({ values }) => `in (${/** @type {unknown[]} */ (values).map(valueText).join(", ")})`,
  contains: ({ value }) => `contains ${valueText(value)}`,
  starts_with: ({ value }) => `starts with ${valueText(value)}`,
  ends_with: ({ value }) => `ends with ${valueText(value)}`,
  is_set: () => "is set",
  is_missing: () => "is missing",
  in_last: (node) => `in the last ${days(node.days)}`,
  in_next: (node) => `in the next ${days(node.days)}`,
};

/** @param {RuleNode} node */
const fieldText = (node) => `${node.field} ${FIELD_WRITERS[node.op]?.(node) ?? `${node.op} ${valueText(node.value)}`}`;

/** @param {RuleNode} node */
const engagement = (node) =>
  `${node.op} ${node.campaign ? `campaign ${quote(node.campaign)}` : "any campaign"}${lastDays(node)}`;

/** @param {RuleNode} node */
function activity(node) {
  const { op, measure, compare, value } = { measure: "times", compare: ">=", value: 1, ...node };
  const unit = value === 1 ? "time" : "times";
  const amount = measure === "amount" ? `for ${compare} ${valueText(value)}` : `${compare} ${valueText(value)} ${unit}`;
  return `${op} ${amount}${lastDays(node)}`;
}

/** @type {Record<string, (node: RuleNode) => string>} */
const WRITERS = {
  inactive: (node) => `inactive for ${days(node.days)}`,
  active: (node) => `active within ${days(node.days)}`,
  has_tag: ({ tag }) => `has tag ${quote(tag)}`,
  in_segment: ({ segment }) => `in segment ${quote(segment)}`,
  received: engagement,
  opened: engagement,
  clicked: engagement,
  ordered: activity,
  visited: activity,
};

/**
 * A value as the rule language writes it: `5`, `"Pune"`, `true`, `3 days ago`.
 *
 * @param {unknown} value
 */
function valueText(value) {
  if (typeof value === "string") return quote(value);
  if (typeof value === "object" && value && "days_ago" in value) return relativeDay(Number(value.days_ago));
  return String(value);
}

/** @type {Record<number, string>} */
const DAY_NAMES = { 0: "today", 1: "yesterday", [-1]: "tomorrow" };

/** @param {number} ago */
const relativeDay = (ago) => DAY_NAMES[ago] ?? (ago > 0 ? `${ago} days ago` : `${-ago} days from now`);
