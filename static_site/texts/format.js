/** Numbers, money and times in the reader's language. */

const numbers = new Intl.NumberFormat();
const percentages = new Intl.NumberFormat(undefined, { style: "percent", maximumFractionDigits: 1 });
const dateTimes = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
const days = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeZone: "UTC" });
const times = new Intl.DateTimeFormat(undefined, { timeStyle: "short" });
const relativeTimes = new Intl.RelativeTimeFormat(undefined, { numeric: "auto" });

const DAY = 24 * 60 * 60 * 1000;

/** @param {number} value */
export const number = (value) => numbers.format(value);

/**
 * `part` of `whole` as a percentage; 0 % if `whole` is 0.
 *
 * @param {number} part
 * @param {number} whole
 */
export const share = (part, whole) => percentages.format(whole ? part / whole : 0);

/**
 * @param {number} amount
 * @param {string} currency
 */
export const money = (amount, currency) =>
  new Intl.NumberFormat(undefined, { style: "currency", currency }).format(amount);

/**
 * `1 customer`, `2,000 customers`.
 *
 * @param {number} value
 * @param {string} singular
 * @param {string} [several] The plural, if it is not the singular with an "s".
 */
export const plural = (value, singular, several = `${singular}s`) =>
  `${number(value)} ${value === 1 ? singular : several}`;

/** @param {string} iso */
export const dateTime = (iso) => dateTimes.format(new Date(iso));

/**
 * The day that begins at this time in UTC.
 *
 * @param {string} iso
 */
export const day = (iso) => days.format(new Date(iso));

/** @param {string} iso */
export const time = (iso) => times.format(new Date(iso));

/** @type {[Intl.RelativeTimeFormatUnit, number][]} */
const UNITS = [
  ["day", DAY],
  ["hour", DAY / 24],
  ["minute", DAY / 24 / 60],
];

/**
 * The time from now in days, hours or minutes: `in 3 hours`, `tomorrow`, `5 minutes ago`.
 *
 * @param {string} iso
 */
export function relativeTime(iso, now = Date.now()) {
  const distance = Date.parse(iso) - now;
  const [unit, size] = UNITS.find(([, length]) => Math.abs(distance) >= length) ?? UNITS[UNITS.length - 1];
  return relativeTimes.format(Math.round(distance / size), unit);
}

/**
 * The time from now in days, months or years: `yesterday`, `4 months ago`.
 *
 * @param {string} iso
 */
export function ago(iso, now = Date.now()) {
  const distance = Math.round((Date.parse(iso) - now) / DAY);
  if (Math.abs(distance) < 60) return relativeTimes.format(distance, "day");
  if (Math.abs(distance) < 730) return relativeTimes.format(Math.round(distance / 30.44), "month");
  return relativeTimes.format(Math.round(distance / 365.25), "year");
}
