/** The texts of the import page in English. `hi.js` has the same keys. */

import { count, number } from "../format.js";

const either = new Intl.ListFormat("en", { type: "disjunction" });

export default {
  title: () => "Import customers",
  lead: () => "Customers that Herald knows are updated. What is not in the file stays as it is.",
  all: () => "Customers",
  fileTitle: () => "1. Choose a file",
  file: () => "File",
  fileHint: () => "Or drop it here. CSV from any spreadsheet, NDJSON or JSON, up to 32 MB.",
  fileErrors: {
    empty: (/** @type {string[]} */ _kinds) => "This file is empty.",
    tooLarge: (/** @type {string[]} */ _kinds) => "A file can have at most 32 MB. Split it and import the parts.",
    wrongKind: (/** @type {string[]} */ kinds) => `Choose a file that ends in ${either.format(kinds)}.`,
  },
  columnsTitle: () => "2. Check the columns",
  fieldOf: (/** @type {string} */ header) => `Field of column ${header}`,
  attribute: () => "Attribute with the name of the column",
  leaveOut: () => "Do not import",
  duplicate: (/** @type {string} */ label) => `Two columns cannot both be ${label}.`,
  noIdentifier: (/** @type {string[]} */ labels) =>
    `Choose the column that identifies the customer: ${either.format(labels)}.`,
  runTitle: (/** @type {number} */ step) => `${number(step)}. Check the rows, then import them`,
  check: () => "Check without saving",
  import: () => "Import",
  uploading: () => "Uploading…",
  running: () => "Import",
  progress: (/** @type {number} */ done, /** @type {number} */ rows) => `${number(done)} of ${number(rows)} rows`,
  mayLeave: () => "You can leave this page. The import goes on, and you find it here again.",
  resultTitle: () => "Result",
  checked: () => "The check is finished. Nothing was saved.",
  imported: () => "Imported.",
  failed: () => "Some rows could not be processed. Import the file again.",
  aborted: () => "The upload was interrupted. Nothing was imported.",
  kinds: {
    created: () => "New",
    updated: () => "Updated",
    unchanged: () => "Unchanged",
    rejected: () => "Rejected",
  },
  would: {
    created: () => "Would be new",
    updated: () => "Would be updated",
    unchanged: () => "Would stay the same",
    rejected: () => "Would be rejected",
  },
  rejectedTitle: (/** @type {number} */ rows) =>
    `${number(rows)} ${count(rows, { one: "row", other: "rows" })} rejected`,
  rowError: (/** @type {string} */ field, /** @type {string} */ text) => `${field}: ${text}`,
  line: (/** @type {number} */ line) => `Line ${number(line)}`,
  rejectedHint: (/** @type {number} */ shown, /** @type {number} */ all) =>
    `${number(shown)} of ${number(all)} are shown. The file has all of them with their reasons: correct it and import it.`,
  download: () => "Download rejected rows",
  seeCustomers: () => "See all customers",
  again: () => "Import another file",
};
