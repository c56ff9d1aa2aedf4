/** The texts of the suppressions in English. `hi.js` has the same keys. */

import { count, number } from "../format.js";

export default {
  title: () => "Suppressions",
  lead: () =>
    "Herald sends nothing to these addresses. Of those that belong to no customer it keeps a fingerprint; search for the whole address to find one.",
  back: () => "Customers",
  add: () => "Suppress an address",
  csv: () => "Export CSV",
  search: () => "Search",
  searchHint: () => "E-mail or phone",
  shown: (/** @type {number} */ shown, /** @type {boolean} */ hasMore) =>
    `${number(shown)}${hasMore ? "+" : ""} ${count(shown, { one: "address", other: "addresses" })}`,
  columns: {
    address: () => "Address",
    kind: () => "Kind",
    reason: () => "Reason",
    by: () => "By",
    at: () => "Since",
  },
  kinds: /** @type {Record<string, () => string>} */ ({ email: () => "E-mail", phone: () => "Phone" }),
  /** By Herald's own reasons. */
  reasons: /** @type {Record<string, () => string>} */ ({
    erased: () => "erased",
    "by hand": () => "by hand",
    unsubscribed: () => "unsubscribed",
    complained: () => "complained of spam",
    bounced: () => "bounced",
    "bounced three times": () => "bounced three times",
  }),
  unreadable: () => "Address not kept",
  form: {
    kind: () => "Kind",
    address: () => "Address",
    reason: () => "Reason",
    reasonHint: () => "For example: asked on the phone.",
    text: () => "No campaign writes to it from now on, not even one that is running.",
    done: (/** @type {string} */ address) => `${address} is suppressed.`,
  },
  lift: () => "Lift",
  liftOf: (/** @type {string} */ address) => `Lift the suppression of ${address}`,
  liftTitle: (/** @type {string} */ address) => `Write to ${address} again?`,
  liftText: () => "Only when the person asked for it. Herald keeps who lifted it, when and why.",
  liftReason: () => "Reason",
  lifted: (/** @type {string} */ address) => `${address} may be written to again.`,
  stillSuppressed: (/** @type {string} */ address, /** @type {string} */ reason) =>
    `The bounce is lifted. ${address} stays suppressed for another reason: ${reason}.`,
  empty: {
    title: () => "No address is suppressed",
    text: () => "Unsubscribed, bounced and complaining addresses appear here by themselves.",
  },
  noMatch: () => "No address matches",
  showAll: () => "Show all",
};
