/** The fields and subjects that a condition can use, and the comparisons of each. */

import { allFields, fieldNamed } from "../data/fields.js";

/**
 * The comparisons of a kind of value or of a subject, in their order. Rare ones are offered only where a rule has them
 * already. The texts have their labels.
 *
 * @typedef {{usual: string[], rare?: string[]}} Comparisons
 */

const PRESENCE = ["is_set", "is_missing"];
const LISTS = ["in", "not in"];
const TEXT_PARTS = ["contains", "not contains", "starts_with", "not starts_with", "ends_with", "not ends_with"];
const RELATIVE_DATES = ["in_last", "in_next"];
const EQUALITY = ["=", "!="];
const SIZES = [">", ">=", "<", "<="];

/**
 * The comparisons of each kind of value. `start` is the comparison of a new condition.
 *
 * @type {Record<Ui.ValueKind, {start: string, comparisons: Comparisons}>}
 */
const KINDS = {
  number: { start: ">", comparisons: { usual: [...SIZES, ...EQUALITY, "between", ...LISTS, ...PRESENCE] } },
  date: {
    start: ">",
    comparisons: {
      usual: [...RELATIVE_DATES, ">", ">=", "<", "<=", ...EQUALITY, "between", ...PRESENCE],
      rare: ["in"],
    },
  },
  text: {
    start: "=",
    comparisons: { usual: [...EQUALITY, ...LISTS, ...TEXT_PARTS, ...PRESENCE], rare: [...SIZES, "between"] },
  },
  flag: { start: "=", comparisons: { usual: ["=", ...PRESENCE], rare: ["!="] } },
  any: {
    start: "=",
    comparisons: {
      usual: [...EQUALITY, ...SIZES, "between", ...TEXT_PARTS, ...LISTS, ...RELATIVE_DATES, ...PRESENCE],
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

const TIMES = ["times >=", "times <=", "times ="];
const RARE_TIMES = ["times >", "times <", "times !="];
const AMOUNTS = ["amount >=", "amount >", "amount <", "amount <="];
const RARE_AMOUNTS = ["amount =", "amount !="];

/** @typedef {{comparisons: Comparisons, start?: Partial<Ui.Condition>}} Subject */

/**
 * @param {string} op
 * @returns {Subject}
 */
const yesOrNo = (op) => ({ comparisons: { usual: [op, `not ${op}`] } });

const NONE = { comparisons: { usual: [] } };
const ONCE = { measure: "times", compare: ">=", value: 1 };

/**
 * What a condition can use instead of a field. `start` has the first values of a new condition.
 *
 * @type {Record<string, Subject>}
 */
export const SUBJECTS = {
  attributes: { comparisons: KINDS.any.comparisons },
  has_tag: yesOrNo("has_tag"),
  in_segment: yesOrNo("in_segment"),
  inactive: NONE,
  active: NONE,
  ordered: { comparisons: { usual: [...TIMES, ...AMOUNTS], rare: [...RARE_TIMES, ...RARE_AMOUNTS] }, start: ONCE },
  visited: { comparisons: { usual: TIMES, rare: RARE_TIMES }, start: ONCE },
  received: yesOrNo("received"),
  opened: yesOrNo("opened"),
  clicked: yesOrNo("clicked"),
  everyone: NONE,
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
 * @returns {Comparisons}
 */
export const comparisonsOf = (subject) => SUBJECTS[subject]?.comparisons ?? comparisonsOfField(subject);

/**
 * The comparisons of the field's kind that the server has for this field.
 *
 * @param {string} name
 * @returns {Comparisons}
 */
function comparisonsOfField(name) {
  const { comparisons } = KINDS[kindOf(name)];
  const operators = fieldNamed(name)?.operators;
  if (!operators) return comparisons;
  /** @param {string[]} [keys] */
  const known = (keys = []) => keys.filter((key) => operators.includes(key.replace("not ", "")));
  return { usual: known(comparisons.usual), rare: known(comparisons.rare) };
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
