/** Which field each column of a table is imported as. */

import { fieldsInImports } from "../../data/fields.js";

/** @typedef {{attribute: () => string, leaveOut: () => string}} OptionTexts */
/** @typedef {{duplicate: (label: string) => string, noIdentifier: (labels: string[]) => string}} MappingTexts */

/**
 * The fields that a column can have.
 *
 * @param {string} header
 * @param {OptionTexts} words
 */
export function options(header, words) {
  const fields = fieldsInImports().map(({ name, label }) => ({ value: name, label }));
  const attribute = { value: `attributes.${header}`, label: words.attribute() };
  return [...fields, attribute, { value: "", label: words.leaveOut() }];
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
 * `{header: field}` of the columns whose field is not the proposed one.
 *
 * @param {Pick<Api.Column, "header" | "field">[]} columns
 * @param {string[]} fields The chosen field of each column.
 */
export const changedColumns = (columns, fields) =>
  Object.fromEntries(
    columns
      .map(({ header, field }, index) => ({ header, proposed: field, chosen: fields[index] }))
      .filter(({ proposed, chosen }) => proposed !== chosen)
      .map(({ header, chosen }) => [header, chosen]),
  );
