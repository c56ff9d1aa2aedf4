/** Numbers, money and times as the reader's own language writes them. */

const numbers = new Intl.NumberFormat();
const shares = new Intl.NumberFormat(undefined, { style: "percent", maximumFractionDigits: 1 });
const moments = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
const days = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeZone: "UTC" });
const clock = new Intl.DateTimeFormat(undefined, { timeStyle: "short" });
const distances = new Intl.RelativeTimeFormat(undefined, { numeric: "auto" });

const DAY = 24 * 60 * 60 * 1000;

export const number = (value) => numbers.format(value);

/** `part` of `whole` in per cent; of nothing it is 0 %. */
export const share = (part, whole) => shares.format(whole ? part / whole : 0);

export const money = (amount, currency) =>
  new Intl.NumberFormat(undefined, { style: "currency", currency }).format(amount);

/** `1 customer`, `2,000 customers`. */
export const plural = (value, one, many = `${one}s`) => `${number(value)} ${value === 1 ? one : many}`;

export const moment = (iso) => moments.format(new Date(iso));

/** The day that begins at this moment in UTC. */
export const day = (iso) => days.format(new Date(iso));

export const time = (iso) => clock.format(new Date(iso));

const UNITS = [
  ["day", DAY],
  ["hour", DAY / 24],
  ["minute", DAY / 24 / 60],
];

/** How far off a moment is: `in 3 hours`, `tomorrow`, `5 minutes ago`. */
export function distance(iso, now = Date.now()) {
  const passed = new Date(iso) - now;
  const [unit, size] = UNITS.find(([, one]) => Math.abs(passed) >= one) ?? UNITS.at(-1);
  return distances.format(Math.round(passed / size), unit);
}

/** How long ago in days, months or years: `yesterday`, `4 months ago`. */
export function ago(iso, now = Date.now()) {
  const passed = Math.round((new Date(iso) - now) / DAY);
  if (Math.abs(passed) < 60) return distances.format(passed, "day");
  if (Math.abs(passed) < 730) return distances.format(Math.round(passed / 30.44), "month");
  return distances.format(Math.round(passed / 365.25), "year");
}

const REASONS = {
  no_consent: "no consent",
  no_address: "no address",
  cancelled: "campaign cancelled",
  erased: "customer erased",
};

/** A reason's code in words. Codes without words of their own lose their underscores. */
export const reason = (code) => REASONS[code] ?? code.replaceAll("_", " ");
