/** The texts of the import page in English. `hi.js` has the same keys. */

import { count, number } from "../format.js";

const either = new Intl.ListFormat("en", { type: "disjunction" });

export default {
  title: () => "Import a file",
  lead: () =>
    "Customers, orders and visits, or people who must not be written to. What is not in the file stays as it is.",
  all: () => "Customers",
  fileTitle: () => "1. Choose a file",
  file: () => "File",
  fileHint: () => "Or drop it here. CSV, Excel (.xlsx), NDJSON or JSON, also as .gz or .zip, up to 32 MB.",
  fileErrors: {
    empty: (/** @type {string[]} */ _kinds) => "This file is empty.",
    tooLarge: (/** @type {string[]} */ _kinds) => "A file can have at most 32 MB. Split it and import the parts.",
    wrongKind: (/** @type {string[]} */ kinds) => `Choose a file that ends in ${either.format(kinds)}.`,
  },
  kind: {
    title: () => "What is in the file?",
    question: () => "The file has",
    hint: () => "Choose it if Herald has not recognized it.",
    recognized: () => "Recognized by its columns. Change it if that is wrong.",
    kinds: {
      customers: () => "Customers",
      activities: () => "Orders and visits",
      suppressions: () => "People who must not be written to",
    },
    type: () => "Each row is",
    types: { order: () => "An order", refund: () => "A refund" },
    typeColumn: () => "A column says whether a row is an order, a refund or a visit.",
    visits: () => "No column has an amount, so each row is a visit.",
  },
  columnsTitle: () => "2. Check the columns",
  fieldOf: (/** @type {string} */ header) => `Field of column ${header}`,
  attribute: () => "Attribute with the name of the column",
  orderDetail: () => "Detail of the order",
  reason: () => "Reason",
  activityFields: {
    event_id: () => "Number of the order or visit",
    at: () => "Time",
    type: () => "Type: order, refund or visit",
    amount: () => "Amount",
    customer_id: () => "Herald’s id of the customer",
  },
  missing: (/** @type {string} */ label) => `Choose the column with this field: ${label}.`,
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
      unclear: () => "Of several people",
      warned: () => "With cells left out",
      rejected: () => "Would be rejected",
    },
    ofOrders: {
      new: () => "Would be counted",
      known: () => "Counted already",
      unknown: () => "Of unknown people",
      joined: () => "More lines of an order",
      refunded: () => "With a refund",
      undone: () => "Refunded or cancelled",
    },
    compared: (/** @type {number} */ rows) => `New and known: of the first ${number(rows)} people.`,
    comparedOrders: (/** @type {number} */ rows) =>
      `Counted, known and of whom: of the first ${number(rows)} orders and visits.`,
    found: (/** @type {string[]} */ ways) => `Customers found by ${ways.join(", ")}.`,
    foundBy: (/** @type {string} */ label, /** @type {number} */ orders) => `${label} (${number(orders)})`,
    currency: (/** @type {string} */ code) =>
      `All amounts are in ${code}. An order that was refunded in full or cancelled counts nothing.`,
    otherCurrencies: (/** @type {string[]} */ codes) =>
      `Orders in another currency are rejected: ${codes.join(", ")}. Convert their amounts first.`,
    looksLike: {
      customers: () => "This does not look like a file of orders or visits.",
      activities: () => "This looks like a file of orders or visits.",
      suppressions: () =>
        "Everybody in this file says no to e-mails. As customers they come in and get none. It may be a list of people who must not be written to.",
    },
    take: {
      customers: () => "Take it as customers",
      activities: () => "Take it as orders and visits",
      suppressions: () => "Take it as people who must not be written to",
    },
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
  mapping: {
    title: () => "Mapping for files like this one",
    used: (/** @type {string} */ name, /** @type {string} */ by, /** @type {string} */ time) =>
      `The mapping “${name}” of ${by} (${time}) is used: it was saved for a file with these headings.`,
    outdated: (/** @type {string[]} */ columns) =>
      `Fields of the mapping that do not exist any more, so these columns are read as without it: ${columns.join(", ")}.`,
    use: (/** @type {string} */ name) => `Use the mapping “${name}”`,
    doNotUse: () => "Do not use it",
    delete: () => "Delete the mapping",
    ask: (/** @type {string} */ name) => `Delete the mapping “${name}”?`,
    askText: () => "It is no longer offered to anybody. Past imports stay as they are.",
    name: () => "Name",
    hint: () =>
      "What you chose for the columns is offered for the next file with the same headings. A mapping with this name is replaced.",
    save: () => "Save the mapping",
  },
  unknownPeople: {
    title: (/** @type {number} */ step) => `${number(step)}. People whom Herald does not know`,
    question: () => "Orders and visits of people whom Herald does not know",
    hint: () =>
      "A person who says no to messages in the file gets none, whatever you choose. Of people who are created, nothing else is known.",
    answers: {
      reject: () => "Do not count them, and list them",
      create: () => "Create these people",
    },
  },
  suppress: {
    title: (/** @type {number} */ step) => `${number(step)}. Suppress these addresses`,
    ask: () => "Suppress all addresses in this file?",
    text: () =>
      "Nothing more is sent to any e-mail address or phone number in the file. This happens at once, is not in the list of imports, and cannot be undone as a whole: an admin can lift single addresses.",
    action: () => "Suppress these addresses",
    done: (/** @type {number} */ addresses, /** @type {number} */ rows) =>
      `${number(addresses)} ${count(addresses, { one: "address is", other: "addresses are" })} suppressed.${rows ? ` ${number(rows)} ${count(rows, { one: "row has", other: "rows have" })} something that cannot be read:` : ""}`,
    more: (/** @type {number} */ rows) => `And ${number(rows)} more.`,
    see: () => "See all suppressions",
  },
  runTitle: (/** @type {number} */ step) => `${number(step)}. Check the rows, then import them`,
  check: () => "Check without saving",
  import: () => "Import",
  uploading: () => "Uploading…",
  running: () => "Import",
  progress: (/** @type {number} */ done, /** @type {number} */ rows) => `${number(done)} of ${number(rows)} rows`,
  mayLeave: () => "You can leave this page. The import goes on, and you find it here and under Imports.",
  resultTitle: () => "Result",
  checked: () => "The check is finished. Nothing was saved.",
  imported: () => "Imported.",
  failed: () => "Some rows could not be processed. Import the file again.",
  aborted: () => "The upload was interrupted. Nothing was imported.",
  kinds: {
    counted: () => "Counted",
    duplicate: () => "Known already",
    created: () => "New",
    updated: () => "Updated",
    unchanged: () => "Unchanged",
    rejected: () => "Rejected",
  },
  would: {
    counted: () => "Would be counted",
    duplicate: () => "Are known already",
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
  history: {
    title: () => "Imports",
    lead: () => "The files of the last 7 days: how far each has come, and what it did.",
    link: () => "All imports",
    start: () => "Import a file",
    empty: { title: () => "No imports yet", text: () => "What you import is listed here for 7 days." },
    noName: () => "Without a name",
    columns: {
      file: () => "File",
      by: () => "By",
      at: () => "Started",
      state: () => "State",
      rows: () => "Rows",
      result: () => "Result",
    },
    check: () => "Check only",
    what: { customers: () => "Customers", activities: () => "Orders and visits" },
    states: {
      uploading: () => "Uploading",
      processing: () => "Running",
      completed: () => "Finished",
      aborted: () => "Interrupted",
      failed: () => "Failed",
      cancelled: () => "Cancelled",
      undoing: () => "Being undone",
      undone: () => "Undone",
    },
    result: (/** @type {number} */ created, /** @type {number} */ updated, /** @type {number} */ rejected) =>
      `${number(created)} new · ${number(updated)} updated · ${number(rejected)} rejected`,
    counted: (/** @type {number} */ counted, /** @type {number} */ rejected) =>
      `${number(counted)} counted · ${number(rejected)} rejected`,
    startedBy: (/** @type {string} */ by) => `By ${by}`,
  },
  cancel: {
    action: () => "Cancel the import",
    title: () => "Cancel this import?",
    text: () => "What is written so far stays. The rest of the file is not written.",
    keep: () => "Go on importing",
    done: (/** @type {number} */ done, /** @type {number} */ rows) =>
      `Cancelled: ${number(done)} of ${number(rows)} rows were written and stay. The others were not.`,
  },
  undo: {
    action: () => "Undo this import",
    again: () => "Try the undo again",
    title: () => "Undo this import?",
    texts: {
      customers: () =>
        "People whom it created are removed, and what it changed is put back. What is newer stays: people who ordered, got messages, were changed or were in another import since, and every value that another import gave too. To take back several imports, undo each of them, in any order. People who said no in the file still get no messages.",
      activities: () =>
        "Its orders and visits are removed and taken out of the figures, and so are people whom it created, unless something newer is known of them. People who said no in the file still get no messages.",
    },
    until: (/** @type {string} */ time) => `This import can be undone until ${time}.`,
    running: () => "The import is being undone.",
    done: () => "The import is undone.",
    failed: (/** @type {string} */ reason) => `Not all of it could be undone. ${reason}`,
    counts: { removed: () => "Removed", put_back: () => "Put back", kept: () => "Kept" },
    kept: {
      activities: () => "ordered or visited since",
      messages: () => "got messages since",
      named: () => "another import or a request gave the same since",
      changed: () => "were changed since",
      merged: () => "were merged since",
      erased: () => "were erased since",
    },
    keptBecause: (/** @type {number} */ people, /** @type {string} */ reason) => `${number(people)}: ${reason}`,
    optOuts: (/** @type {number} */ people) =>
      `${number(people)} ${count(people, { one: "person", other: "people" })} said no in the file. That stays.`,
  },
};
