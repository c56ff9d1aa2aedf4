/** The messages over time as stacked bars: pure shapes, drawn as SVG by the page. */

import { dateTime, day, exactTime } from "../texts/format.js";

/** @typedef {Exclude<Api.Outcome, "pending">} Kind */

/** From the bottom of a bar to its top. @type {Kind[]} */
const KINDS = ["sent", "failed", "skipped", "unknown"];
const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/**
 * A column for each bucket, with its parts in a box of the height 100. `peak` is the number of messages of the highest.
 *
 * @param {Api.OutcomesInBucket[]} buckets
 * @returns {{peak: number, columns: {at: string, parts: {kind: Kind, y: number, height: number}[]}[]}}
 */
export function bars(buckets) {
  const peak = Math.max(0, ...buckets.map(total));
  return { peak, columns: buckets.map((bucket) => ({ at: bucket.at, parts: parts(bucket, peak || 1) })) };
}

/** @param {Api.OutcomesInBucket} bucket */
const total = (bucket) => KINDS.reduce((sum, kind) => sum + bucket[kind], 0);

/**
 * @param {Api.OutcomesInBucket} bucket
 * @param {number} peak
 */
function parts(bucket, peak) {
  let below = 0;
  return KINDS.filter((kind) => bucket[kind]).map((kind) => {
    const height = (100 * bucket[kind]) / peak;
    below += height;
    return { kind, y: 100 - below, height };
  });
}

/**
 * The length of a bucket in the largest unit that fits.
 *
 * @param {number} seconds
 * @returns {{unit: "seconds" | "minutes" | "hours" | "days", value: number}}
 */
export function bucketLength(seconds) {
  if (seconds % DAY === 0) return { unit: "days", value: seconds / DAY };
  if (seconds % HOUR === 0) return { unit: "hours", value: seconds / HOUR };
  if (seconds % MINUTE === 0) return { unit: "minutes", value: seconds / MINUTE };
  return { unit: "seconds", value: seconds };
}

/**
 * The start of a bucket, as exactly as its length asks for.
 *
 * @param {string} at
 * @param {number} seconds
 */
export function momentText(at, seconds) {
  if (seconds >= DAY) return day(at);
  return seconds >= MINUTE ? dateTime(at) : exactTime(at);
}
