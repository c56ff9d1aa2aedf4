/** Texts about deferred messages: how many, and why. */

import { plural } from "./format.js";

/**
 * In these states the campaign itself defers all messages, whatever their first reason was.
 *
 * @type {Record<string, string>}
 */
const CAMPAIGN_REASONS = {
  paused: "until the campaign is resumed.",
  cancelled: "to be skipped, because the campaign is cancelled.",
};

/** @typedef {Pick<Api.Campaign, "state"> & Partial<Pick<Api.Campaign, "per_minute">>} DeferringCampaign */

/**
 * One text for each reason: `[{reason, text}]`.
 *
 * @param {DeferringCampaign} campaign
 * @param {Api.Statistics["deferred"]} deferred
 */
export function deferredTexts({ state, per_minute: perMinute }, deferred = {}) {
  const total = Object.values(deferred).reduce((sum, count) => sum + count, 0);
  if (!total) return [];
  if (state in CAMPAIGN_REASONS) return [{ reason: state, text: `${waiting(total)} ${CAMPAIGN_REASONS[state]}` }];
  const { vendor = 0, rate = 0, paused = 0 } = deferred;
  return [
    { reason: "vendor", count: vendor, text: vendorText(vendor) },
    { reason: "rate", count: rate, text: rateText(rate, perMinute) },
    { reason: "paused", count: paused, text: `${waiting(paused)} after the pause. Sending continues automatically.` },
  ]
    .filter(({ count }) => count)
    .map(({ reason, text }) => ({ reason, text }));
}

/** @param {number} count */
const waiting = (count) => plural(count, "message waits", "messages wait");

/** @param {number} count */
const vendorText = (count) =>
  `${waiting(count)} because the vendor is not available. Sending continues automatically when it is available again.`;

/**
 * @param {number} count
 * @param {number | null} [perMinute]
 */
const rateText = (count, perMinute) =>
  `${waiting(count)} because of the rate limit` +
  (perMinute ? `: at most ${plural(perMinute, "message")} per minute.` : " of the vendor.");
