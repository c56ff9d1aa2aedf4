/** Which messages wait, and why, in words. */

import { number, plural } from "../format.js";

/** In these states it is the campaign that keeps them all, whatever they waited for before. */
const WHOLE = {
  paused: "because the campaign is paused, until it is resumed.",
  cancelled: "to be skipped, as the campaign is cancelled.",
};

const total = (held) => Object.values(held).reduce((sum, count) => sum + count, 0);

/** `[{reason, text}]` from `held`, how many wait by reason: paused, vendor, rate. */
export function waiting({ state, per_minute: perMinute }, held = {}) {
  const all = total(held);
  if (!all) return [];
  if (WHOLE[state]) return [{ reason: state, text: `${wait(all)} ${WHOLE[state]}` }];
  const words = { vendor, rate: (count) => rate(count, perMinute), paused };
  return Object.entries(words)
    .filter(([reason]) => held[reason])
    .map(([reason, text]) => ({ reason, text: text(held[reason]) }));
}

const wait = (count) => plural(count, "message waits", "messages wait");

const vendor = (count) =>
  `${wait(count)} because the vendor is down; ${count === 1 ? "it goes out by itself" : "they go out by themselves"} ` +
  "when it answers again.";

const rate = (count, perMinute) =>
  `${wait(count)} for ${count === 1 ? "its" : "their"} turn: ` +
  (perMinute ? `at most ${number(perMinute)} a minute go out.` : "the vendor takes only so many a minute.");

const paused = (count) => `${wait(count)} to go on after the pause, which happens by itself.`;
