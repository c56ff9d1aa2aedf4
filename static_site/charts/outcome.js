/** How far a campaign has come: a ring of what became of each person's message. */

import { show, token } from "./canvas.js";

const KINDS = [
  ["sent", "Sent"],
  ["failed", "Failed"],
  ["skipped", "Skipped"],
  ["pending", "Pending"],
];

/**
 * A campaign's statistics as `{audience, done, slices: [{kind, label, value}]}`: `done` are the people whose message
 * is no longer pending.
 */
export function shape(statistics) {
  const slices = KINDS.map(([kind, label]) => ({ kind, label, value: statistics[kind] ?? 0 }));
  const audience = statistics.audience ?? 0;
  return { audience, done: audience - (statistics.pending ?? 0), slices };
}

export function draw(canvas, { audience, slices }) {
  const values = slices.map(({ value }) => value);
  const dataset = {
    data: audience ? values : [0, 0, 0, 1], // of nobody everything is pending: an empty ring, not none
    backgroundColor: slices.map(({ kind }) => token(`chart-${kind}`)),
    borderColor: token("surface"),
    borderWidth: 2,
  };
  const options = { cutout: "72%", plugins: { legend: { display: false }, tooltip: { enabled: audience > 0 } } };
  return show(canvas, {
    type: "doughnut",
    data: { labels: slices.map(({ label }) => label), datasets: [dataset] },
    options,
  });
}
