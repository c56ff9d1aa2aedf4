/** How far a campaign is, as words and as a share. */

import { dateTime, share } from "../../texts/format.js";

/** @typedef {Ui.Texts["campaign"]} Texts */

/**
 * Whether the numbers can change soon.
 *
 * @param {{state: Api.CampaignState, pending?: number, finished_at?: string | null, start_at?: string | null}} data
 */
export function isChanging({ state, pending = 0, finished_at: finished, start_at: start }, now = Date.now()) {
  if (state === "running") return true;
  if (state === "scheduled") return Boolean(start) && Date.parse(start ?? "") < now + 60_000;
  return state === "cancelled" && (pending > 0 || finished === null);
}

/**
 * The share in the ring: what is done while the campaign goes on, and what was sent when it is over. A campaign that was
 * cancelled is never "100 % done".
 *
 * @param {Api.CampaignState} state
 * @param {Pick<Api.Statistics, "audience" | Api.Outcome>} statistics
 * @returns {{kind: "done" | "sent", text: string}}
 */
export function progressShare(state, { audience, sent, pending }) {
  const isOver = state === "cancelled" || state === "finished";
  return isOver
    ? { kind: "sent", text: share(sent, audience) }
    : { kind: "done", text: roundedDown(audience - pending, audience) };
}

/**
 * A share that is 100 % only if nothing is left.
 *
 * @param {number} part
 * @param {number} whole
 */
const roundedDown = (part, whole) => share(Math.floor((1000 * part) / (whole || 1)), 1000);

/**
 * Where the campaign stands, after its numbers.
 *
 * @param {Texts} t
 * @param {Pick<Api.Campaign, "state" | "finished_at">} campaign
 * @param {Pick<Api.Statistics, "audience" | "audience_complete" | Api.Outcome>} statistics
 */
export function standing(t, { state, finished_at: finished }, statistics) {
  const { text } = progressShare(state, statistics);
  if (state === "cancelled") return t.standing.cancelled(text);
  if (state === "finished") return finished ? t.standing.finished(dateTime(finished)) : t.standing.done();
  const selecting = statistics.audience_complete ? "" : ` ${t.standing.selecting()}`;
  return (state === "paused" ? t.standing.paused(text) : t.standing.running(text)) + selecting;
}

/**
 * One text for each reason why messages wait.
 *
 * @param {Texts} t
 * @param {Pick<Api.Campaign, "state" | "per_minute">} campaign
 * @param {Api.Statistics["deferred"]} deferred
 * @returns {{reason: string, text: string}[]}
 */
export function waitingTexts(t, { state, per_minute: perMinute }, deferred = {}) {
  const total = Object.values(deferred).reduce((sum, value) => sum + value, 0);
  if (!total) return [];
  if (state === "paused" || state === "cancelled") return [{ reason: state, text: t.waiting[state](total) }];
  const { vendor = 0, rate = 0, paused = 0, quiet_hours: quiet = 0, local_hour: hour = 0 } = deferred;
  return [
    { reason: "vendor", value: vendor, text: t.waiting.vendor(vendor) },
    { reason: "rate", value: rate, text: t.waiting.rate(rate, perMinute) },
    { reason: "quiet_hours", value: quiet, text: t.waiting.quiet_hours(quiet) },
    { reason: "local_hour", value: hour, text: t.waiting.local_hour(hour) },
    { reason: "paused", value: paused, text: t.waiting.resumed(paused) },
  ].flatMap(({ reason, value, text }) => (value ? [{ reason, text }] : []));
}

/**
 * Why the template was used. A stored reason is the name of a check and what Gemini was told, `promise: …`; one whose
 * check has no text is shown as it is.
 *
 * @param {Texts} t
 * @param {string} reason
 */
export const fallbackText = (t, reason) => t.gemini.reasons[reason.split(":")[0]]?.() ?? reason;

/**
 * The text of a cause. A cause that Herald does not know has the vendor's own words.
 *
 * @param {Texts} t
 * @param {string} code
 * @param {string | null} [reason]
 */
export const causeText = (t, code, reason) => t.causes[code]?.() ?? (reason || code).replaceAll("_", " ");
