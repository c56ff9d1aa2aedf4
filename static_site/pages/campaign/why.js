/** The sentences that say why somebody got a campaign's message or did not: the outcome first. */

import { dateTime, number } from "../../texts/format.js";
import { causeText } from "./standing.js";

/** @typedef {Ui.Texts["campaign"]} Texts */

/**
 * @param {Texts} t
 * @param {Api.Explanation} explanation
 * @param {boolean} isLaunched Whether the campaign was launched.
 */
export function whySentences(t, explanation, isLaunched) {
  const first = explanation.message
    ? outcome(t, explanation.message, explanation)
    : membership(t, explanation, isLaunched);
  return [...first, ...change(t, explanation)];
}

/**
 * What became of a message.
 *
 * @param {Texts} t
 * @param {Pick<Api.Message, "state" | "reason" | "cause" | "history">} message
 * @param {Pick<Api.Explanation, "deferred">} [explanation]
 * @returns {string[]}
 */
export function outcome(t, { state, reason, cause, history }, { deferred } = { deferred: null }) {
  const why = causeText(t, cause?.code ?? reason ?? "", reason);
  if (state === "failed") return [t.why.failed(why), cause?.retryable ? t.why.mayRetry() : t.why.willNotRetry()];
  if (state === "skipped") return [t.why.skipped(why)];
  if (state === "unknown") return [unknown(t, cause?.code ?? ""), t.why.undecided()];
  if (state === "sent") return [sent(t, history)];
  return [deferred ? waiting(t, deferred) : t.why.pending()];
}

/**
 * @param {Texts} t
 * @param {Pick<Api.MessageEvent, "kind">[]} history
 */
const sent = (t, history) => (history.some(({ kind }) => kind === "delivered") ? t.why.delivered() : t.why.sent());

/**
 * Why nobody knows whether a message arrived.
 *
 * @param {Texts} t
 * @param {string} code
 */
const unknown = (t, code) => (code === "no_report" ? t.why.unknown() : t.why.unknownBecause(causeText(t, code)));

/**
 * @param {Texts} t
 * @param {{reason: Api.DeferReason, until: string}} deferred
 */
const waiting = (t, { reason, until }) =>
  reason === "vendor" || reason === "quiet_hours" || reason === "local_hour"
    ? t.why[reason](dateTime(until))
    : t.why[reason]();

/**
 * Where there is no message.
 *
 * @param {Texts} t
 * @param {Api.Explanation} explanation
 * @param {boolean} isLaunched
 */
function membership(t, { in_audience: isIn, matches, excluded, deferred }, isLaunched) {
  if (isIn === false) return [t.why.notIn()];
  if (isIn) {
    if (excluded) return [t.why.skipped(causeText(t, excluded))];
    return [deferred ? waiting(t, deferred) : t.why.unwritten()];
  }
  if (isLaunched) return [t.why.notChecked()];
  if (matches && excluded) return [t.why.wouldBeLeftOut(causeText(t, excluded))];
  return [matches ? t.why.wouldGet() : t.why.wouldNotGet()];
}

/**
 * Only where the result of today differs: the data of a customer can change.
 *
 * @param {Texts} t
 * @param {Api.Explanation} explanation
 */
function change(t, { in_audience: isIn, matches }) {
  if (matches === null) return [t.why.erased()];
  if (isIn === null || isIn === matches) return [];
  return [matches ? t.why.matchesNow() : t.why.matchesNoMore()];
}

const ISO_TIME = /^\d{4}-\d\d-\d\dT/;

/**
 * The customer's value for a part of the rule as a text; null where there is none.
 *
 * @param {Texts} t
 * @param {Api.FactValue} value
 * @returns {string | null}
 */
export function factText(t, value) {
  if (Array.isArray(value)) return value.map((one) => factText(t, one)).join(", ");
  if (typeof value === "boolean") return value ? t.person.yes() : t.person.no();
  if (typeof value === "number") return number(value);
  return value !== null && ISO_TIME.test(value) ? dateTime(value) : value;
}
