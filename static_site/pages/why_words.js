/** Why somebody got a campaign's message, or did not, in sentences. */

import { moment, number, reason } from "../format.js";

const WAITS = {
  paused: () => "It waits because the campaign is paused.",
  vendor: ({ until }) => `The vendor was down; it goes out by itself, not before ${moment(until)}.`,
  rate: () => "It waits for its turn: only so many go out a minute.",
};

/** `why` is the server's explanation; `isLaunched` whether the campaign ever was. */
export const answer = (why, isLaunched) =>
  [membership(why, isLaunched), today(why), leftOut(why, isLaunched), whatBecame(why)].filter(Boolean);

function membership({ in_audience: isIn, matches }, isLaunched) {
  if (isIn) return "They are in the audience: they were found after the launch.";
  if (isIn === false) return "They are not in the audience: they were not found after the launch.";
  if (isLaunched) return "The campaign has not looked at them yet.";
  return matches ? "They would be in the audience now." : "They would not be in the audience now.";
}

/** Only where it says something else: people change. */
function today({ in_audience: isIn, matches }) {
  if (matches === null) return "They were erased since.";
  if (isIn === null || isIn === matches) return null;
  return matches
    ? "By what is known of them today they would be: something changed since."
    : "By what is known of them today they would not be: something changed since.";
}

function leftOut({ in_audience: isIn, matches, left_out: code }, isLaunched) {
  if (!code || !(isIn ?? matches)) return null;
  return `${isLaunched ? "They are left out" : "They would be left out"}: ${reason(code)}.`;
}

function whatBecame({ in_audience: isIn, left_out: code, waits, message }) {
  if (waits && message?.state !== "sent") return WAITS[waits.reason](waits);
  if (message || !isIn || code) return null;
  return "Their message is on its way to be written.";
}

const INSTANT = /^\d{4}-\d\d-\d\dT/;

/** What somebody has themselves, where a part of the rule speaks of it; null where it does not. */
export function theirs(value) {
  if (Array.isArray(value)) return value.map(theirs).join(", ");
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (typeof value === "number") return number(value);
  return INSTANT.test(value) ? moment(value) : value;
}
