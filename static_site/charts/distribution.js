/** The distribution of a field: a bar for each range of numbers or days, or for each frequent value. */

import { day, number } from "../texts/format.js";

/** @typedef {{label: string, count: number}} Bar */

const DAY = 24 * 60 * 60 * 1000;

/**
 * Converts a histogram to bars. `format` writes the edges of the ranges.
 *
 * @param {Pick<Api.Histogram, "bins" | "values" | "others">} histogram
 * @param {{others: string, format?: (value: number) => string}} options `others` is the label of all other values.
 * @returns {Bar[]}
 */
export function shape({ bins, values, others }, { others: label, format = number }) {
  const ranges = bins.map(({ low, high, count }) => ({ label: rangeLabel(low, high, format), count }));
  const frequent = values.map(({ value, count }) => ({ label: value, count }));
  return [...ranges, ...frequent, ...(others ? [{ label, count: others }] : [])];
}

/**
 * The label of a range. The upper edge is not part of the range, so a range of one whole number or one day has only its
 * lower edge as label.
 *
 * @param {number | string} low
 * @param {number | string} high
 * @param {(value: number) => string} format
 */
function rangeLabel(low, high, format) {
  if (typeof low === "string" || typeof high === "string") {
    const [from, to] = [writtenDay(low), writtenDay(high)];
    return Date.parse(to) - Date.parse(from) > DAY
      ? `${day(from)} – ${day(new Date(Date.parse(to) - 1).toISOString())}`
      : day(from);
  }
  return Number.isInteger(low) && high - low === 1 ? format(low) : `${format(low)} – ${format(high)}`;
}

/**
 * The day that a time is on where it was written: the edges have the offset of the deployment's time zone.
 *
 * @param {number | string} iso
 */
const writtenDay = (iso) => String(iso).slice(0, "2026-01-31".length);
