/** The texts of the customers' pages in English. `hi.js` has the same keys. */

import { count, number } from "../format.js";

const people = (/** @type {number} */ value) => `${number(value)} ${count(value, { one: "person", other: "people" })}`;

export default {
  title: () => "Customers",
  add: () => "Add customer",
  duplicates: () => "Duplicates",
  forms: () => "Forms",
  imports: () => "Imports",
  campaign: () => "New campaign for these",
  import: () => "Import",
  search: () => "Search",
  searchHint: () => "Name, e-mail or phone",
  filter: () => "Filter by a rule",
  rule: () => "Rule",
  ruleHint: () => 'For example: spend > 10000 AND city = "Pune"',
  total: (/** @type {number} */ value) => `${number(value)} ${count(value, { one: "customer", other: "customers" })}`,
  similar: (/** @type {number} */ value) =>
    `Nobody matches exactly. ${number(value)} ${count(value, { one: "name is", other: "names are" })} similar.`,
  csv: (/** @type {number} */ value) =>
    `Download ${number(value)} ${count(value, { one: "customer", other: "customers" })} as CSV`,
  columns: {
    name: () => "Name",
    email: () => "E-mail",
    phone: () => "Phone",
    city: () => "City",
    spend: () => "Spend",
    visits: () => "Visits",
    lastActive: () => "Last active",
  },
  order: () => "Order",
  orders: {
    newest: () => "Newest first",
    name: () => "Name: A to Z",
    spend: () => "Spend: highest first",
    visits: () => "Visits: highest first",
    lastActive: () => "Last active: latest first",
  },
  form: {
    title: () => "Add a customer",
    firstName: () => "First name",
    lastName: () => "Last name",
    nameHint: () => "Without one: the first and the last name.",
    externalId: () => "External ID",
    externalIdHint: () => "The customer's ID in your own system.",
    submit: () => "Save customer",
    someone: () => "The customer",
    created: (/** @type {string} */ name) => `${name} was added.`,
    updated: (/** @type {string} */ name) => `${name} already existed and was updated.`,
    unchanged: (/** @type {string} */ name) => `${name} already existed with the same data.`,
  },
  empty: {
    title: () => "No customers yet",
    text: () => "Import a file from your shop or spreadsheet, or add one person by hand.",
    viewer: () => "When a manager adds customers, you see them here.",
  },
  wrongRule: {
    title: () => "The rule cannot be read yet",
    text: () => "Correct it, and the customers appear here.",
  },
  noMatch: {
    title: () => "No customer matches",
    text: () => "Search for a part of a name, an e-mail address or a phone number.",
  },
  showAll: () => "Show all customers",
  attributes: {
    title: () => "Attributes",
    lead: () => "Your own fields of customers. The type says how files are read.",
    name: () => "Attribute",
    type: () => "Type",
    typeOf: (/** @type {string} */ name) => `Type of ${name}`,
    people: () => "People",
    examples: () => "Examples",
    others: (/** @type {number} */ value, /** @type {string} */ examples) =>
      `${people(value)} with another type: ${examples}`,
    types: {
      number: () => "Number",
      text: () => "Text",
      flag: () => "Yes or no",
      date: () => "Date",
      list: () => "List",
      map: () => "Map",
    },
    question: (/** @type {string} */ name, /** @type {string} */ type) => `Read “${name}” as: ${type}?`,
    allFit: (/** @type {number} */ value) => `The values of all ${people(value)} fit.`,
    doNotFit: (/** @type {number} */ value, /** @type {number} */ all, /** @type {string} */ examples) =>
      `${number(value)} of ${people(all)} have another type of value, such as ${examples}. These values stay as they are, and rules of the new type do not find these people.`,
    fromNowOn: () => "Files are read as the new type from now on.",
    change: () => "Change the type",
    changed: (/** @type {string} */ name) => `“${name}” has another type now.`,
    none: () => "No attributes yet",
    noneText: () => "Columns of files that are no field of Herald become attributes.",
  },
  bulk: {
    title: () => "Selected customers",
    select: (/** @type {string} */ name) => `Select ${name}`,
    selected: (/** @type {number} */ value) => `${number(value)} selected`,
    all: (/** @type {number} */ value) => `Select all ${number(value)} that match`,
    clear: () => "Select nobody",
    progress: (/** @type {number} */ done, /** @type {number} */ total) => `${number(done)} of ${number(total)} done`,
    tags: {
      open: () => "Tags",
      title: (/** @type {number} */ value) => `Tags of ${people(value)}`,
      mode: () => "What to do",
      modes: { add: () => "Add a tag", remove: () => "Remove a tag" },
      tag: () => "Tag",
      add: (/** @type {number} */ value) => `Add to ${people(value)}`,
      remove: (/** @type {number} */ value) => `Remove from ${people(value)}`,
      added: (/** @type {number} */ value, /** @type {string} */ tag, /** @type {number} */ before) =>
        `${people(value)} got the tag “${tag}”.${before ? ` ${number(before)} had it before.` : ""}`,
      removed: (/** @type {number} */ value, /** @type {string} */ tag, /** @type {number} */ before) =>
        `The tag “${tag}” was removed from ${people(value)}.${before ? ` ${number(before)} did not have it.` : ""}`,
    },
    list: {
      open: () => "Add to a list",
      title: (/** @type {number} */ value) => `Add ${people(value)} to a list`,
      list: () => "List",
      new: () => "A new list",
      name: () => "Name of the new list",
      submit: (/** @type {number} */ value) => `Add ${people(value)}`,
      done: (/** @type {number} */ value, /** @type {number} */ customers) =>
        `${people(value)} ${count(value, { one: "is", other: "are" })} in the list, which has ${number(customers)} now. It is a segment.`,
    },
    suppress: {
      open: () => "Suppress",
      title: (/** @type {number} */ value) => `Send nothing more to ${people(value)}?`,
      text: () =>
        "All their addresses are suppressed, also for others who have the same address. Only an admin can lift this, one address at a time.",
      reason: () => "Reason",
      submit: (/** @type {number} */ value) => `Suppress ${people(value)}`,
      done: (/** @type {number} */ value, /** @type {number} */ before) =>
        `${people(value)} ${count(value, { one: "gets", other: "get" })} no more messages.${before ? ` ${number(before)} had no address, or were suppressed before.` : ""}`,
    },
    campaign: {
      open: () => "New campaign",
      title: (/** @type {number} */ value) => `New campaign for ${people(value)}`,
      text: () => "They get a tag, and the campaign is for everybody who has it. You can remove the tag later.",
      tag: () => "Tag",
      name: (/** @type {string} */ at) => `Selected ${at}`,
      submit: () => "Write the message",
    },
  },
};
