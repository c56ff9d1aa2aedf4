/** The texts of the campaigns' pages in English. `hi.js` has the same keys. */

import { count, number } from "../format.js";

export default {
  title: () => "Campaigns",
  create: () => "New campaign",
  search: () => "Search by name",
  tabs: {
    label: () => "Campaigns by state",
    all: () => "All",
    running: () => "Running",
    scheduled: () => "Scheduled",
    drafts: () => "Drafts",
    done: () => "Done",
    archived: () => "Archived",
  },
  columns: {
    name: () => "Name",
    state: () => "State",
    audience: () => "Audience",
    results: () => "Results",
    sent: () => "Sent",
    created: () => "Created",
    actions: () => "Actions",
  },
  noName: () => "Campaign without a name",
  nobody: () => "Nobody",
  actionsFor: (/** @type {string} */ name) => `Actions for ${name}`,
  copy: () => "Duplicate",
  copied: () => "This is a copy. Nothing is sent until you launch it.",
  archive: () => "Archive",
  archived: (/** @type {string} */ name) => `“${name}” was archived. Its results are kept.`,
  restore: () => "Back into the list",
  remove: () => "Delete draft",
  removing: {
    title: (/** @type {string} */ name) => `Delete the draft “${name}”?`,
    text: () => "Nothing was sent. A deleted draft cannot be restored.",
    confirm: () => "Delete draft",
    done: (/** @type {string} */ name) => `The draft “${name}” was deleted.`,
  },
  results: (/** @type {string} */ name) => `Results of ${name}`,
  audience: (/** @type {number} */ people) => `${number(people)} ${count(people, { one: "person", other: "people" })}`,
  startsAt: (/** @type {string} */ at) => `Starts ${at}`,
  empty: {
    title: () => "No campaign yet",
    text: () => "Choose an audience and write one message: each person gets a text of their own.",
    viewer: () => "When a manager creates a campaign, you see it here.",
  },
  noMatch: { title: () => "No campaign matches", text: () => "Try another name, or look at all campaigns." },
  showAll: () => "Show all campaigns",
};
