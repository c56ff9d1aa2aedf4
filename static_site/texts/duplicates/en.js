/** The texts of the page about customers who share an address, in English. `hi.js` has the same keys. */

import { count, number } from "../format.js";

const orders = (/** @type {number} */ value) =>
  `${number(value)} ${count(value, { one: "order or visit", other: "orders and visits" })}`;
const messages = (/** @type {number} */ value) =>
  `${number(value)} ${count(value, { one: "message", other: "messages" })}`;

export default {
  title: () => "Duplicates",
  lead: () => "Customers with the same address. They may be one person who came in twice, or a family.",
  all: () => "Customers",
  empty: { title: () => "No duplicates", text: () => "No two customers have the same e-mail address or phone number." },
  group: (/** @type {number} */ total, /** @type {string} */ address) => `${number(total)} customers with ${address}`,
  more: (/** @type {number} */ value) =>
    `And ${number(value)} more. Nobody is merged by an address that so many people have: look at them first.`,
  columns: {
    name: () => "Name",
    id: () => "External ID",
    orders: () => "Orders",
    spend: () => "Spend",
    created: () => "Added",
  },
  stays: () => "Stays",
  keep: () => "Keep this one",
  merge: () => "Merge",
  dialog: {
    title: (/** @type {string} */ merged, /** @type {string} */ kept) => `Make ${merged} a part of ${kept}?`,
    moves: (/** @type {number} */ activities, /** @type {number} */ sent) =>
      `${orders(activities)} and ${messages(sent)} move to the customer who stays. Spend and visits are added up, and a no to a channel holds.`,
    conflicts: () => "Both have a value. The one of the customer who stays is kept:",
    conflict: (/** @type {string} */ field, /** @type {string} */ kept, /** @type {string} */ dropped) =>
      `${field}: ${kept} (not ${dropped})`,
    final: () => "This cannot be undone.",
    confirm: () => "Merge for good",
    done: (/** @type {string} */ name) => `Both are ${name} now.`,
  },
};
