/** The texts of the home page in English. `hi.js` has the same keys. */

import { count, number } from "../format.js";

const people = (/** @type {number} */ value) => `${number(value)} ${count(value, { one: "person", other: "people" })}`;

export default {
  title: () => "Home",
  create: () => "New campaign",
  plan: () => "Describe your goal",
  figures: () => "Figures",
  customers: () => "Customers",
  growth: (/** @type {number} */ value, /** @type {number} */ days) => `${number(value)} new in ${number(days)} days`,
  growthOf: (/** @type {string} */ all, /** @type {string} */ growth) => `${all} customers, ${growth}`,
  running: () => "Running now",
  campaigns: () => "Campaigns",
  drafts: (/** @type {number} */ value) => `${number(value)} ${count(value, { one: "draft", other: "drafts" })}`,
  finished: (/** @type {number} */ value) => `${number(value)} finished`,
  sent: () => "Sent in the last campaigns",
  failed: () => "Failed in the last campaigns",
  rate: (/** @type {string} */ rate) => `${rate} of the audience`,
  now: {
    title: () => "Now",
    empty: () => "No campaign is running, paused or scheduled.",
    name: () => "Name",
    state: () => "State",
    results: () => "Results",
    progress: () => "Audience",
    when: () => "When",
    actions: () => "Actions",
    pause: () => "Pause",
    resume: () => "Resume",
    named: {
      pause: (/** @type {string} */ name) => `Pause ${name}`,
      resume: (/** @type {string} */ name) => `Resume ${name}`,
    },
  },
  lastDays: {
    reached: () => "People reached",
    delivered: () => "Delivered",
    opened: () => "Opened",
    unsubscribed: () => "Unsubscribed",
    revenue: () => "Revenue after campaigns",
    change: (/** @type {string} */ part, /** @type {number} */ days) => `${part} on the ${number(days)} days before`,
    none: (/** @type {number} */ days) => `in ${number(days)} days; none before`,
    rateBefore: (/** @type {string} */ part, /** @type {number} */ days) =>
      `${part} in the ${number(days)} days before`,
    countBefore: (/** @type {number | null} */ value, /** @type {number} */ days) =>
      value === null ? `in ${number(days)} days` : `${number(value)} in the ${number(days)} days before`,
    tooMany: () => "Too many campaigns to add up",
    notReported: () => "Nothing reported in 30 days",
  },
  resultsOf: (/** @type {string} */ name) => `Results of ${name}`,
  people,
  startsAt: (/** @type {string} */ at) => `Starts ${at}`,
  noName: () => "Campaign without a name",
  attention: {
    title: () => "Needs attention",
    start_error: (/** @type {string} */ detail) => `could not start. ${detail}`,
    failures: (/** @type {number} */ value, /** @type {string} */ rate) =>
      `failed for ${people(value)}, ${rate} of those it wrote to.`,
    discrepancy: () => "has numbers that do not agree.",
    vendor_deferred: (/** @type {number} */ value) =>
      `waits for the vendor with ${number(value)} ${count(value, { one: "message", other: "messages" })}.`,
  },
  last: { title: () => "Last campaigns", all: () => "All campaigns", empty: () => "No campaign is finished yet." },
  imports: {
    title: () => "Last imports",
    all: () => "All imports",
    columns: { file: () => "File", rows: () => "Rows", by: () => "By", at: () => "When" },
    rows: (/** @type {number} */ value) => `${number(value)} ${count(value, { one: "row", other: "rows" })}`,
    what: /** @type {Record<string, () => string>} */ ({
      customers: () => "Customers",
      activities: () => "Orders and visits",
    }),
  },
  steps: {
    title: () => "First steps",
    lead: () => "Four steps to your first campaign.",
    done: () => "Done",
    customers: {
      title: () => "Add customers",
      text: () => "Import a file from your shop or spreadsheet.",
      action: () => "Import",
    },
    segment: {
      title: () => "Choose whom to write to",
      text: () => "Save a segment, such as people who have not bought for 90 days.",
      action: () => "Segments",
    },
    draft: {
      title: () => "Write a message",
      text: () => "One message, and each person gets a text of their own.",
      action: () => "New campaign",
    },
    launch: {
      title: () => "Launch",
      text: () => "The simulator sends nothing, so the first launch is safe.",
      action: () => "Campaigns",
    },
    viewer: () => "When a manager sets Herald up, you see the campaigns here.",
  },
};
