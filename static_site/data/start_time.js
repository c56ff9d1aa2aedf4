/** The start of a campaign, as the reader's clock has it. */

const HOUR = 60 * 60 * 1000;

/**
 * A time as a datetime-local input has it, in the reader's zone: `2026-11-23T10:00`.
 *
 * @param {Date} date
 */
export function toInputTime(date) {
  const shifted = new Date(date.getTime() - date.getTimezoneOffset() * 60_000);
  return shifted.toISOString().slice(0, 16);
}

/**
 * The next full hour of the reader's clock, at least ten minutes ahead.
 *
 * @param {Date} now
 */
export function nextHour(now) {
  const next = new Date(now.getTime() + HOUR);
  next.setMinutes(0, 0, 0);
  if (next.getTime() - now.getTime() < HOUR / 6) next.setTime(next.getTime() + HOUR);
  return next;
}

/** The name of the reader's time zone in the language of the page. */
export function zoneName() {
  const format = new Intl.DateTimeFormat(document.documentElement.lang, { timeZoneName: "long" });
  return format.formatToParts(new Date()).find(({ type }) => type === "timeZoneName")?.value ?? "";
}
