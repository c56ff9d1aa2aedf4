/** The texts of the segments in English. `hi.js` has the same keys. */

import { count, number } from "../format.js";

const campaigns = (/** @type {number} */ uses) =>
  `${number(uses)} ${count(uses, { one: "campaign", other: "campaigns" })}`;

export default {
  title: () => "Segments",
  lead: () => "Groups of customers by a rule. Campaigns and other rules can use them.",
  add: () => "New segment",
  newTitle: () => "New segment",
  columns: { name: () => "Name", words: () => "Who is in it", count: () => "Customers", used: () => "Used in" },
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
  empty: {
    title: () => "No segments yet",
    text: () => "A segment is a rule with a name, for example: regulars in Pune.",
  },
};
