/** The texts of the segments in English. `hi.js` has the same keys. */

import { count, number } from "../format.js";

const campaigns = (/** @type {number} */ uses) =>
  `${number(uses)} ${count(uses, { one: "campaign", other: "campaigns" })}`;

const people = (/** @type {number} */ value) => `${number(value)} ${count(value, { one: "person", other: "people" })}`;

export default {
  title: () => "Segments",
  lead: () => "Groups of customers, by a rule or as a list of people. Campaigns and rules can use them.",
  add: () => "New segment",
  newTitle: () => "New segment",
  columns: {
    name: () => "Name",
    words: () => "Who is in it",
    count: () => "Customers",
    sizes: () => "Last days",
    used: () => "Used in",
  },
  sizes: {
    title: () => "Size over the last days",
    counted: (/** @type {string} */ day) => `Customers on ${day}`,
    change: (/** @type {number} */ by, /** @type {string} */ day) =>
      by ? `${number(Math.abs(by))} ${by > 0 ? "more" : "fewer"} than on ${day}` : `As many as on ${day}`,
    course: (
      /** @type {number} */ from,
      /** @type {string} */ first,
      /** @type {number} */ to,
      /** @type {string} */ last,
    ) => `${number(from)} on ${first}, ${number(to)} on ${last}`,
  },
  used: (/** @type {number} */ uses) => (uses ? campaigns(uses) : "–"),
  shown: (/** @type {number} */ total) => `${number(total)} ${count(total, { one: "segment", other: "segments" })}`,
  name: () => "Name",
  rule: () => "Rule",
  save: () => "Save",
  saved: (/** @type {string} */ name) => `“${name}” is saved.`,
  remove: () => "Delete",
  campaign: () => "New campaign for these",
  removeTitle: (/** @type {string} */ name) => `Delete “${name}”?`,
  removeText: (/** @type {number} */ uses) =>
    uses
      ? `It is the audience of ${campaigns(uses)}. Each keeps the rule it has.`
      : "No campaign uses it. This cannot be undone.",
  inUse: (/** @type {string} */ name, /** @type {string[]} */ users) =>
    `“${name}” cannot be deleted now. These campaigns are scheduled or running with it: ${users.join(", ")}.`,
  removed: (/** @type {string} */ name) => `“${name}” was deleted.`,
  now: () => "Now",
  usedBy: () => "Used in campaigns",
  noName: () => "Campaign without a name",
  list: {
    add: () => "New list of people",
    lead: () => "A segment with people whom you name: guests, a list from a partner, everybody at an event.",
    create: () => "Create the list",
    words: (/** @type {number} */ entries) => `A list of ${people(entries)}`,
    numbers: () => "The list in numbers",
    entries: () => "In the list",
    customers: () => "Customers in it now",
    unknown: () => "Not known yet",
    unknownHint: () => "They join when they become customers.",
    change: () => "Change the list",
    mode: () => "What to do",
    modes: { add: () => "Add people", remove: () => "Remove people", replace: () => "Replace all people" },
    people: () => "People",
    peopleHint: () => "IDs, e-mail addresses or phone numbers: one a line, or with commas between them.",
    file: () => "Or a file",
    fileHint: () => "A table (CSV, Excel) with a column of IDs, e-mail addresses or phone numbers.",
    fileErrors: {
      empty: () => "This file is empty.",
      tooLarge: () => "This file is too large: at most 32 MB.",
      wrongKind: () => "Choose a CSV, Excel, JSON or text file.",
    },
    check: () => "Check",
    questions: {
      add: (/** @type {number} */ value) => `Add ${people(value)}?`,
      remove: (/** @type {number} */ value) => `Remove ${people(value)}?`,
      replace: (/** @type {number} */ value) => `Replace all by ${people(value)}?`,
    },
    known: (/** @type {number} */ value) =>
      `${number(value)} ${count(value, { one: "is a customer", other: "are customers" })}.`,
    unknownPeople: (/** @type {number} */ value) => `${people(value)} not known yet.`,
    repeated: (/** @type {number} */ value) => `${number(value)} named twice.`,
    rejected: (/** @type {number} */ value) =>
      `${number(value)} ${count(value, { one: "row names", other: "rows name" })} nobody and ${count(value, { one: "is", other: "are" })} left out.`,
    after: (/** @type {number} */ entries, /** @type {number} */ customers) =>
      `The list then has ${people(entries)}, ${number(customers)} of them customers now.`,
    row: (/** @type {number} */ row) => `Row ${number(row)}:`,
    done: (/** @type {number} */ customers) =>
      `The list has ${number(customers)} ${count(customers, { one: "customer", other: "customers" })} now.`,
    tooMany: (/** @type {number} */ limit) => `The list gets too long: it may have ${people(limit)}.`,
  },
  empty: {
    title: () => "No segments yet",
    text: () => "A segment is a rule with a name, for example: regulars in Pune.",
  },
};
