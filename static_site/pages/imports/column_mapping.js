/** How each column of a table is imported: its field, type and format. */

import { fieldsInImports } from "../../data/fields.js";

/**
 * @typedef {{
 *   attribute: () => string, orderDetail: () => string, leaveOut: () => string,
 *   consentFields: Record<string, () => string>, activityFields: Record<string, () => string>, reason: () => string,
 * }} OptionTexts
 * @typedef {{
 *   duplicate: (label: string) => string, noIdentifier: (labels: string[]) => string,
 *   missing: (label: string) => string, activityFields: Record<string, () => string>,
 * }} MappingTexts
 */

const ATTRIBUTE_TYPES = /** @type {const} */ (["text", "number", "flag", "date", "list"]);
const DATE_ORDERS = /** @type {const} */ (["dmy", "mdy", "ymd"]);
const NEEDED_OF_ACTIVITIES = ["event_id", "at"];
const ADDRESSES = ["email", "phone"];

const identifiers = () => fieldsInImports().filter((field) => field.is_identifier);

/** @param {Record<string, () => string>} labels */
const entries = (labels) => Object.entries(labels).map(([value, label]) => ({ value, label: label() }));

/**
 * The fields that a column can have.
 *
 * @param {string} key
 * @param {OptionTexts} words
 * @param {Api.FileKind} what
 */
export function options(key, words, what = "customers") {
  const leftOut = { value: "", label: words.leaveOut() };
  const named = (what === "customers" ? fieldsInImports() : identifiers()).map(({ name, label }) => ({
    value: name,
    label,
  }));
  if (what === "suppressions") {
    return [
      ...named.filter(({ value }) => ADDRESSES.includes(value)),
      { value: "reason", label: words.reason() },
      leftOut,
    ];
  }
  const consent = entries(words.consentFields);
  if (what === "customers") {
    return [...named, ...consent, { value: `attributes.${key}`, label: words.attribute() }, leftOut];
  }
  const detail = { value: `fields.${key}`, label: words.orderDetail() };
  return [...entries(words.activityFields), ...named, ...consent, detail, leftOut];
}

/**
 * Why columns cannot be imported as these fields; "" if they can.
 *
 * @param {string[]} fields
 * @param {MappingTexts} words
 * @param {Api.FileKind} what
 */
export function mappingError(fields, words, what = "customers") {
  const own =
    what === "activities"
      ? Object.entries(words.activityFields).map(([name, label]) => ({ name, label: label() }))
      : [];
  const single = [...own, ...fieldsInImports()];
  const duplicate = single.find(({ name }) => fields.filter((field) => field === name).length > 1);
  if (duplicate) return words.duplicate(duplicate.label);
  const needed = NEEDED_OF_ACTIVITIES.find((name) => what === "activities" && !fields.includes(name));
  if (needed) return words.missing(words.activityFields[needed]());
  const known = identifiers().filter(({ name }) => what !== "suppressions" || ADDRESSES.includes(name));
  if (known.some(({ name }) => fields.includes(name)) || (what === "activities" && fields.includes("customer_id")))
    return "";
  return words.noIdentifier(known.map(({ label }) => label));
}

/**
 * The types that the reader can choose for a column, or its date orders; null if there is nothing to choose.
 *
 * @param {Pick<Api.Column, "field" | "type">} column
 */
export function readings({ field, type }) {
  if (field.startsWith("attributes.") || field.startsWith("fields."))
    return { name: /** @type {const} */ ("type"), values: ATTRIBUTE_TYPES };
  return type === "date" && field ? { name: /** @type {const} */ ("format"), values: DATE_ORDERS } : null;
}

/**
 * The reader's choices after one more. Another field begins anew: its type follows from the values.
 *
 * @param {Record<string, Api.ColumnChoice>} choices
 * @param {string} key
 * @param {Api.ColumnChoice} choice
 */
export const withChoice = (choices, key, choice) => ({
  ...choices,
  [key]: "field" in choice ? choice : { ...choices[key], ...choice },
});

/**
 * The choices as the API takes them; null if there are none.
 *
 * @param {Record<string, Api.ColumnChoice>} choices
 */
export const asParameter = (choices) => (Object.keys(choices).length ? JSON.stringify(choices) : null);
