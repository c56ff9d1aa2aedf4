/** The fields and subjects that a condition can use, and the comparisons of each. */

import { allFields, fieldNamed } from "../data/fields.js";

/**
 * @param {string} label
 * @returns {Ui.Comparison}
 */
const usual = (label) => ({ label });

/**
 * @param {string} label
 * @returns {Ui.Comparison}
 */
const rare = (label) => ({ label, isRare: true });

const PRESENCE = { is_set: usual("has a value"), is_missing: usual("is missing") };
const LISTS = { in: usual("is one of"), "not in": usual("is none of") };
const TEXT_PARTS = {
  contains: usual("contains"),
  "not contains": usual("does not contain"),
  starts_with: usual("starts with"),
  "not starts_with": usual("does not start with"),
};
const RELATIVE_DATES = { in_last: usual("in the last (days)"), in_next: usual("in the next (days)") };
const EQUALITY = { "=": usual("is"), "!=": usual("is not") };
const SIZES = {
  ">": usual("is more than"),
  ">=": usual("is at least"),
  "<": usual("is less than"),
  "<=": usual("is at most"),
};

/**
 * The comparisons of each kind of value. `start` is the comparison of a new condition.
 *
 * @type {Record<Ui.ValueKind, {start: string, comparisons: Record<string, Ui.Comparison>}>}
 */
const KINDS = {
  number: {
    start: ">",
    comparisons: { ...EQUALITY, ...SIZES, between: usual("is between"), ...LISTS, ...PRESENCE },
  },
  date: {
    start: ">",
    comparisons: {
      "=": usual("is on"),
      "!=": usual("is not on"),
      ">": usual("is after"),
      ">=": usual("is on or after"),
      "<": usual("is before"),
      "<=": usual("is on or before"),
      between: usual("is between"),
      ...RELATIVE_DATES,
      in: rare("is on one of"),
      ...PRESENCE,
    },
  },
  text: {
    start: "=",
    comparisons: {
      ...EQUALITY,
      ...TEXT_PARTS,
      ...LISTS,
      ...PRESENCE,
      ">": rare("comes after"),
      ">=": rare("is or comes after"),
      "<": rare("comes before"),
      "<=": rare("is or comes before"),
      between: rare("is between"),
    },
  },
  flag: { start: "=", comparisons: { "=": usual("is"), "!=": rare("is not"), ...PRESENCE } },
  any: {
    start: "=",
    comparisons: {
      ...EQUALITY,
      ...SIZES,
      between: usual("is between"),
      ...TEXT_PARTS,
      ...LISTS,
      ...RELATIVE_DATES,
      ...PRESENCE,
    },
  },
};

/**
 * How values of each kind of field are compared and entered. Lists and maps have no kind of their own.
 *
 * @type {Partial<Record<Api.Field["kind"], Ui.ValueKind>>}
 */
const VALUE_KINDS = { money: "number", whole: "number", date: "date", text: "text", flag: "flag" };
const KIND_ORDER = Object.keys(KINDS);

/**
 * The fields that a condition can be about, numbers first. Lists have subjects instead.
 *
 * @returns {Api.Field[]}
 */
export function conditionFields() {
  const fields = allFields().filter(({ kind, operators }) => operators.length && kind in VALUE_KINDS);
  return fields.toSorted((left, right) => kindOrder(left) - kindOrder(right));
}

/** @param {Api.Field} field */
const kindOrder = ({ name }) => KIND_ORDER.indexOf(kindOf(name));

const TIMES = {
  "times >=": usual("at least (times)"),
  "times <=": usual("at most (times)"),
  "times =": usual("exactly (times)"),
  "times >": rare("more than (times)"),
  "times <": rare("fewer than (times)"),
  "times !=": rare("not exactly (times)"),
};

const AMOUNTS = {
  "amount >=": usual("for at least (amount)"),
  "amount >": usual("for more than (amount)"),
  "amount <": usual("for less than (amount)"),
  "amount <=": usual("for at most (amount)"),
  "amount =": rare("for exactly (amount)"),
  "amount !=": rare("not for exactly (amount)"),
};

/** @typedef {{label: string, comparisons: Record<string, Ui.Comparison>, start?: Partial<Ui.Condition>}} Subject */

/**
 * @param {string} label
 * @param {string} op
 * @returns {Subject}
 */
const engagement = (label, op) => ({ label, comparisons: { [op]: usual("yes"), [`not ${op}`]: usual("no") } });

const ONCE = { measure: "times", compare: ">=", value: 1 };

/**
 * What a condition can use instead of a field. `start` has the first values of a new condition.
 *
 * @type {Record<string, Subject>}
 */
export const SUBJECTS = {
  attributes: { label: "Attribute", comparisons: KINDS.any.comparisons },
  has_tag: { label: "Tag", comparisons: { has_tag: usual("has"), "not has_tag": usual("does not have") } },
  in_segment: { label: "Segment", comparisons: { in_segment: usual("is in"), "not in_segment": usual("is not in") } },
  inactive: { label: "Inactive for (days)", comparisons: {} },
  active: { label: "Active within (days)", comparisons: {} },
  ordered: { label: "Ordered", comparisons: { ...TIMES, ...AMOUNTS }, start: ONCE },
  visited: { label: "Visited", comparisons: TIMES, start: ONCE },
  received: engagement("Received a message", "received"),
  opened: engagement("Opened a message", "opened"),
  clicked: engagement("Clicked in a message", "clicked"),
  everyone: { label: "Everyone", comparisons: {} },
};

/**
 * The kind of a field's values. An attribute has the kind "any": its value shows what it is.
 *
 * @param {string} name
 * @returns {Ui.ValueKind}
 */
export function kindOf(name) {
  const field = fieldNamed(name);
  return (field && VALUE_KINDS[field.kind]) ?? "any";
}

/**
 * The comparison of a new condition on a field.
 *
 * @param {string} field
 */
export const startComparison = (field) => KINDS[kindOf(field)].start;

/**
 * @param {string} subject The name of a field or of a subject.
 * @returns {Record<string, Ui.Comparison>}
 */
export const comparisonsOf = (subject) => SUBJECTS[subject]?.comparisons ?? comparisonsOfField(subject);

/**
 * The comparisons of the field's kind that the server has for this field.
 *
 * @param {string} name
 * @returns {Record<string, Ui.Comparison>}
 */
function comparisonsOfField(name) {
  const { comparisons } = KINDS[kindOf(name)];
  const operators = fieldNamed(name)?.operators;
  if (!operators) return comparisons;
  return Object.fromEntries(Object.entries(comparisons).filter(([key]) => operators.includes(key.replace("not ", ""))));
}

/**
 * Reads a value of a kind from an input. Returns null if the input is empty or has no such value.
 *
 * @param {Ui.ValueKind} kind
 * @param {string} input
 */
export function readValue(kind, input) {
  const trimmed = input.trim();
  return trimmed ? READERS[kind](trimmed) : null;
}

/** @type {Record<string, boolean>} */
const FLAGS = { yes: true, true: true, no: false, false: false };

/** @param {string} text */
const numberOf = (text) => {
  const plain = text.replaceAll(/(?<=\d),(?=\d)/g, "");
  return Number.isFinite(Number(plain)) ? Number(plain) : null;
};

/** @type {Record<Ui.ValueKind, (text: string) => string | number | boolean | null>} */
const READERS = {
  number: numberOf,
  date: (text) => text,
  text: (text) => text,
  flag: (text) => FLAGS[text.toLowerCase()] ?? null,
  any: (text) => FLAGS[text.toLowerCase()] ?? numberOf(text) ?? text.replace(/^"(.*)"$/, "$1"),
};

/**
 * Reads several values, separated by commas. Returns null if there is none, or one of them is not valid.
 *
 * @param {Ui.ValueKind} kind
 * @param {string} input
 */
export function readValues(kind, input) {
  const values = [];
  for (const text of input.split(",").filter((part) => part.trim())) {
    const value = readValue(kind, text);
    if (value === null) return null;
    values.push(value);
  }
  return values.length ? values : null;
}

/**
 * A value as the reader types it. A text that looks like another kind of value is in quotes.
 *
 * @param {Ui.ValueKind} kind
 * @param {Ui.ConditionValue} value
 * @returns {string}
 */
export function toInputText(kind, value) {
  if (value === null || value === undefined) return "";
  if (Array.isArray(value)) return value.map((item) => toInputText(kind, item)).join(", ");
  if (typeof value === "boolean") return value ? "yes" : "no";
  const needsQuotes = kind === "any" && typeof value === "string" && typeof READERS.any(value) !== "string";
  return needsQuotes ? `"${value}"` : String(value);
}
