/** The start time of a campaign, in the reader's time zone. */

import { ApiError } from "../../api.js";
import { find } from "../../dom/dom.js";
import { field } from "../../dom/forms.js";

const HOUR = 60 * 60 * 1000;
const timeZone = () => Intl.DateTimeFormat().resolvedOptions().timeZone;

/**
 * A field with the ISO time `at`, or with the next full hour.
 *
 * @param {string | null} [at]
 */
export function startTimeField(at) {
  const value = toInputValue(at ? new Date(at) : nextHour());
  const hint = `In your time zone, ${timeZone()}.`;
  const min = toInputValue(new Date());
  return field({ label: "Date and time", name: "at", type: "datetime-local", hint, value, min });
}

const nextHour = (now = Date.now()) => new Date((Math.floor(now / HOUR) + 1) * HOUR);

/**
 * A time as a datetime-local input has it: `2026-11-23T10:00`.
 *
 * @param {Date} date
 */
function toInputValue(date) {
  const shifted = new Date(date.getTime() - date.getTimezoneOffset() * 60_000);
  return shifted.toISOString().slice(0, 16);
}

/**
 * The ISO time in a form. Throws `ApiError` if there is none, or if it is in the past: the server would launch at once.
 *
 * @param {HTMLFormElement} form
 */
export function startTimeFrom(form, now = Date.now()) {
  const at = new Date(find(form, "input").value);
  if (at.getTime() > now) return at.toISOString();
  const message = Number.isNaN(at.getTime()) ? "Enter a date and a time." : "Enter a time in the future.";
  throw new ApiError({ status: 0, errors: [{ field: "at", message }] });
}
