/** The fields of customers, as the server lists them. The session loads them once, when the reader signs in. */

/** @type {Api.Field[]} */
let fields = [];

/** @param {Api.Field[]} items */
export function setFields(items) {
  fields = items;
}

export const allFields = () => fields;

/** The fields that a column of a file can contain. */
export const fieldsInImports = () => fields.filter((field) => field.in_imports);

/**
 * Returns undefined if there is no such field, as for an attribute.
 *
 * @param {string} name
 */
export const fieldNamed = (name) => fields.find((field) => field.name === name);
