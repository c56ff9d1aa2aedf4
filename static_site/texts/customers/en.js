/** The texts of the customers' pages in English. `hi.js` has the same keys. */

import { count, number } from "../format.js";

export default {
  title: () => "Customers",
  add: () => "Add customer",
  duplicates: () => "Duplicates",
  campaign: () => "New campaign for these",
  import: () => "Import",
  search: () => "Search",
  searchHint: () => "Name, e-mail or phone",
  filter: () => "Filter by a rule",
  rule: () => "Rule",
  ruleHint: () => 'For example: spend > 10000 AND city = "Pune"',
  total: (/** @type {number} */ people) =>
    `${number(people)} ${count(people, { one: "customer", other: "customers" })}`,
  csv: (/** @type {number} */ people) =>
    `Download ${number(people)} ${count(people, { one: "customer", other: "customers" })} as CSV`,
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
};
