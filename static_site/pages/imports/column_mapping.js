/** Which field each column of a table is imported as. */

import { fieldsInImports } from "../../data/fields.js";

const CHOICE = new Intl.ListFormat("en-GB", { type: "disjunction" });

/**
 * The fields that a column can have.
 *
 * @param {string} header
 */
export function options(header) {
  const fields = fieldsInImports().map(({ name, label }) => ({ value: name, label }));
  const attribute = { value: `attributes.${header}`, label: "Attribute with the name of the column" };
  return [...fields, attribute, { value: "", label: "Do not import" }];
}

/**
 * Why columns cannot be imported as these fields; "" if they can.
 *
 * @param {string[]} fields
 */
export function mappingError(fields) {
  const duplicate = fieldsInImports().find(({ name }) => fields.filter((field) => field === name).length > 1);
  if (duplicate) return `Two columns cannot both be ${duplicate.label}.`;
  const identifiers = fieldsInImports().filter((field) => field.is_identifier);
  if (identifiers.some(({ name }) => fields.includes(name))) return "";
  const labels = CHOICE.format(identifiers.map(({ label }) => label));
  return `Choose the column that identifies the customer: ${labels}.`;
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
