/** What the campaigns brought in the last 30 days, beside the 30 days before. */

import { html } from "../../html.js";
import { money, number, percentage } from "../../texts/format.js";
import { texts } from "../../texts.js";
import { Stat } from "../../ui/figures.js";

/**
 * How a number changed, as a share of the one before; null if there was nothing before.
 *
 * @param {number} now
 * @param {number} before
 */
export const changeOf = (now, before) => (before ? (now - before) / before : null);

/**
 * A share of a whole; null if it is not known, or nothing was reported.
 *
 * @param {number | null} part
 * @param {number | null} whole
 */
export const rateOf = (part, whole) => (part && whole ? Math.min(part / whole, 1) : null);

/** @typedef {{key: "reached" | "delivered" | "opened" | "unsubscribed" | "revenue", value: string | null, note: string}} Figure */

/**
 * The figures as texts. What nobody knows has no value, and the note says why.
 *
 * @param {Ui.Texts["home"]["lastDays"]} t
 * @param {NonNullable<Api.Overview["last_days"]>} lastDays
 * @param {string} currency
 * @returns {Figure[]}
 */
export function figuresOf(t, { days, now, before }, currency) {
  /** @param {number} value @param {number} earlier */
  const change = (value, earlier) => {
    const part = changeOf(value, earlier);
    return part === null ? t.none(days) : t.change(signed(part), days);
  };
  /** @param {number | null} rate @param {number | null} earlier @param {string} unknown */
  const rated = (rate, earlier, unknown) => {
    if (rate === null) return { value: null, note: unknown };
    return { value: percentage(rate), note: earlier === null ? t.none(days) : t.rateBefore(percentage(earlier), days) };
  };
  const reports = now.sent === null ? t.tooMany() : t.notReported();
  return [
    { key: "reached", value: number(now.reached), note: change(now.reached, before.reached) },
    { key: "delivered", ...rated(rateOf(now.delivered, now.sent), rateOf(before.delivered, before.sent), reports) },
    {
      key: "opened",
      ...rated(rateOf(now.opened, now.messages), rateOf(before.opened, before.messages), t.notReported()),
    },
    {
      key: "unsubscribed",
      value: now.unsubscribed === null ? null : number(now.unsubscribed),
      note: now.unsubscribed === null ? t.tooMany() : t.countBefore(before.unsubscribed, days),
    },
    { key: "revenue", value: money(now.revenue, currency), note: change(now.revenue, before.revenue) },
  ];
}

/** @param {number} part */
const signed = (part) => `${part < 0 ? "−" : "+"}${percentage(Math.abs(part))}`;

/**
 * The figures as parts of a strip.
 *
 * @param {{lastDays: NonNullable<Api.Overview["last_days"]>, currency: string}} props
 */
export const LastDays = ({ lastDays, currency }) =>
  figuresOf(texts("home").lastDays, lastDays, currency).map(
    ({ key, value, note }) =>
      html`<${Stat} key=${key} label=${texts("home").lastDays[key]()} value=${value ?? texts().nothing()} note=${note} />`,
  );
