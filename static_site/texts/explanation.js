/** The sentences that explain why a customer got a campaign's message or did not. */

import { dateTime, number } from "./format.js";
import { reason } from "./reasons.js";

/** @type {Record<Api.DeferReason, (deferred: {until: string}) => string>} */
const DEFERRED_TEXTS = {
  paused: () => "The message waits because the campaign is paused.",
  vendor: ({ until }) =>
    `The vendor was not available. Herald tries again automatically, not before ${dateTime(until)}.`,
  rate: () => "The message waits because of the rate limit.",
};

/**
 * @param {Api.Explanation} explanation
 * @param {boolean} isLaunched Whether the campaign was launched.
 */
export const explanationSentences = (explanation, isLaunched) =>
  [
    membership(explanation, isLaunched),
    changeSince(explanation),
    exclusion(explanation, isLaunched),
    messageProgress(explanation),
  ].filter((sentence) => sentence !== null);

/**
 * @param {Api.Explanation} explanation
 * @param {boolean} isLaunched
 */
function membership({ in_audience: isIn, matches }, isLaunched) {
  if (isIn) return "The customer is in the audience: the rule matched after the launch.";
  if (isIn === false) return "The customer is not in the audience: the rule did not match after the launch.";
  if (isLaunched) return "The campaign has not checked this customer yet.";
  return matches ? "The customer would be in the audience now." : "The customer would not be in the audience now.";
}

/**
 * Only where the result of today differs: the data of a customer can change.
 *
 * @param {Api.Explanation} explanation
 */
function changeSince({ in_audience: isIn, matches }) {
  if (matches === null) return "The customer's data was erased later.";
  if (isIn === null || isIn === matches) return null;
  return matches
    ? "The customer's data has changed: with the data of today the rule matches."
    : "The customer's data has changed: with the data of today the rule does not match.";
}

/**
 * @param {Api.Explanation} explanation
 * @param {boolean} isLaunched
 */
function exclusion({ in_audience: isIn, matches, excluded: code }, isLaunched) {
  if (!(code && (isIn ?? matches))) return null;
  return `${isLaunched ? "The customer is excluded" : "The customer would be excluded"}: ${reason(code)}.`;
}

/** @param {Api.Explanation} explanation */
function messageProgress({ in_audience: isIn, excluded: code, deferred, message }) {
  if (deferred && message?.state !== "sent") return DEFERRED_TEXTS[deferred.reason](deferred);
  if (message || !isIn || code) return null;
  return "The message is not written yet.";
}

const ISO_TIME = /^\d{4}-\d\d-\d\dT/;

/**
 * The customer's value for a part of the rule as a text; null where there is none.
 *
 * @param {Api.FactValue} value
 * @returns {string | null}
 */
export function factText(value) {
  if (Array.isArray(value)) return value.map(factText).join(", ");
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (typeof value === "number") return number(value);
  return value !== null && ISO_TIME.test(value) ? dateTime(value) : value;
}
