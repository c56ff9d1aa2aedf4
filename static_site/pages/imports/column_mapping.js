/** How each column of a table is imported: its field, type and format. */

import { fieldsInImports } from "../../data/fields.js";

/**
 * @typedef {{attribute: () => string, leaveOut: () => string, consentFields: Record<string, () => string>}} OptionTexts
 * @typedef {{duplicate: (label: string) => string, noIdentifier: (labels: string[]) => string}} MappingTexts
 */

const ATTRIBUTE_TYPES = /** @type {const} */ (["text", "number", "flag", "date", "list"]);
const DATE_ORDERS = /** @type {const} */ (["dmy", "mdy", "ymd"]);

/**
 * The fields that a column can have.
 *
 * @param {string} key
 * @param {OptionTexts} words
 */
export function options(key, words) {
  const fields = fieldsInImports().map(({ name, label }) => ({ value: name, label }));
  const consent = Object.entries(words.consentFields).map(([value, label]) => ({ value, label: label() }));
  const attribute = { value: `attributes.${key}`, label: words.attribute() };
  return [...fields, ...consent, attribute, { value: "", label: words.leaveOut() }];
}

/**
 * Why columns cannot be imported as these fields; "" if they can.
 *
 * @param {string[]} fields
 * @param {MappingTexts} words
 */
export function mappingError(fields, words) {
  const duplicate = fieldsInImports().find(({ name }) => fields.filter((field) => field === name).length > 1);
  if (duplicate) return words.duplicate(duplicate.label);
  const identifiers = fieldsInImports().filter((field) => field.is_identifier);
  if (identifiers.some(({ name }) => fields.includes(name))) return "";
  return words.noIdentifier(identifiers.map(({ label }) => label));
}

/**
 * The types that the reader can choose for a column, or its date orders; null if there is nothing to choose.
 *
 * @param {Pick<Api.Column, "field" | "type">} column
 */
export function readings({ field, type }) {
  if (field.startsWith("attributes.")) return { name: /** @type {const} */ ("type"), values: ATTRIBUTE_TYPES };
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
