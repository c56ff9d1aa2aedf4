/** The texts of the import page in English. `hi.js` has the same keys. */

import { count, number } from "../format.js";

const either = new Intl.ListFormat("en", { type: "disjunction" });

export default {
  title: () => "Import customers",
  lead: () => "Customers that Herald knows are updated. What is not in the file stays as it is.",
  all: () => "Customers",
  fileTitle: () => "1. Choose a file",
  file: () => "File",
  fileHint: () => "Or drop it here. CSV, Excel (.xlsx), NDJSON or JSON, also as .gz or .zip, up to 32 MB.",
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
  consentFields: {
    "consent.email": () => "Agreed to e-mails",
    "consent.sms": () => "Agreed to SMS",
    "consent.whatsapp": () => "Agreed to WhatsApp",
    "consent.*": () => "Wants no messages",
  },
  alternative: () => "Used where the column before is empty",
  readingOf: (/** @type {string} */ header) => `How column ${header} is read`,
  readings: {
    text: () => "Text",
    number: () => "Number",
    flag: () => "Yes or no",
    date: () => "Date",
    list: () => "List",
    dmy: () => "Day first: 31/12/2025",
    mdy: () => "Month first: 12/31/2025",
    ymd: () => "Year first: 2025-12-31",
  },
  meanings: {
    granted: () => "agreed",
    denied: () => "no",
    unknown: () => "not known, so no",
    nothing: () => "says nothing",
  },
  mayBeConsent: () =>
    "This heading speaks of consent, but nobody is left out because of it: choose a consent field if it is one.",
  misfits: (/** @type {number} */ cells) =>
    `${number(cells)} ${count(cells, { one: "cell does not fit and is", other: "cells do not fit and are" })} left out:`,
  misfit: (/** @type {number} */ row, /** @type {string} */ value) => `“${value}” (row ${number(row)})`,
  warned: (/** @type {number} */ rows) =>
    `${number(rows)} ${count(rows, { one: "row has", other: "rows have" })} cells that were left out because they do not fit.`,
  understood: {
    title: () => "What Herald understood",
    header: (/** @type {number} */ row) =>
      row ? `Columns are named in line ${number(row)}` : "No line names the columns",
    sheets: (/** @type {string[]} */ names) => `The first sheet with cells is read, of ${names.join(", ")}`,
    counts: {
      rows: () => "Rows",
      new: () => "New",
      known: () => "Known",
      repeated: () => "Twice in the file",
      shared_addresses: () => "Addresses of several people",
      warned: () => "With cells left out",
      rejected: () => "Would be rejected",
    },
    compared: (/** @type {number} */ rows) => `New and known: of the first ${number(rows)} people.`,
    suppressions: () => "Everybody in this file says no to e-mails. They come in and get none.",
    toSuppressions: () => "It may be a list for the suppressions.",
    activities: () => "This looks like a file of orders, and here customers are imported.",
  },
  consent: {
    title: (/** @type {number} */ step) => `${number(step)}. Consent`,
    question: () => "Did these people agree to get e-mails from you?",
    hint: () => "Recorded with the file, the day and your name. A consent in the file itself counts first.",
    choose: () => "Choose an answer",
    answers: {
      granted: () => "Yes, all of them",
      denied: () => "No",
      unknown: () => "I do not know",
    },
  },
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
