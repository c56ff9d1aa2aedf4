/** When a campaign is to start, in the reader's own time zone. */

import { ApiError } from "../api.js";
import { field } from "../forms.js";

const HOUR = 60 * 60 * 1000;
const zone = () => Intl.DateTimeFormat().resolvedOptions().timeZone;

/** Shows the ISO time `at`, or the next full hour. */
export function startField(at) {
  const value = local(at ? new Date(at) : nextHour());
  const hint = `In your time zone, ${zone()}.`;
  return field({ label: "Date and time", name: "at", type: "datetime-local", hint, value, min: local(new Date()) });
}

const nextHour = (now = Date.now()) => new Date((Math.floor(now / HOUR) + 1) * HOUR);

/** As a datetime-local input writes it: `2026-11-23T10:00`. */
function local(date) {
  const shifted = new Date(date - date.getTimezoneOffset() * 60_000);
  return shifted.toISOString().slice(0, 16);
}

/** The ISO time that the form holds. None, or one that is over, is an error: the server would launch at once. */
export function startFrom(form, now = Date.now()) {
  const at = new Date(form.elements.at.value);
  if (at > now) return at.toISOString();
  const message = Number.isNaN(at.getTime()) ? "Give a date and a time." : "Give a time that is still to come.";
  throw new ApiError({ status: 0, errors: [{ field: "at", message }] });
}
