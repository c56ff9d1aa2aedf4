/** The progress of a campaign: a ring with a slice for each state of the messages. */

import { show, token } from "./canvas.js";

/** @typedef {{kind: Api.Outcome, label: string, value: number}} Slice */

/** @type {[Api.Outcome, string][]} */
const KINDS = [
  ["sent", "Sent"],
  ["failed", "Failed"],
  ["skipped", "Skipped"],
  ["pending", "Pending"],
];

/**
 * Converts statistics to `{audience, done, slices}`. `done` is how many messages are no longer pending.
 *
 * @param {Partial<Api.Statistics>} statistics
 */
export function shape(statistics) {
  const slices = KINDS.map(([kind, label]) => ({ kind, label, value: statistics[kind] ?? 0 }));
  const audience = statistics.audience ?? 0;
  return { audience, done: audience - (statistics.pending ?? 0), slices };
}

/**
 * @param {HTMLCanvasElement} canvas
 * @param {{audience: number, slices: Slice[]}} data
 */
export function draw(canvas, { audience, slices }) {
  const values = slices.map(({ value }) => value);
  const dataset = {
    data: audience ? values : [0, 0, 0, 1], // an empty audience has an empty ring
    backgroundColor: slices.map(({ kind }) => token(`chart-${kind}`)),
    borderColor: token("surface"),
    borderWidth: 2,
  };
  const plugins = { legend: { display: false }, tooltip: { enabled: audience > 0 } };
  /** @type {import("chart.js").ChartConfiguration<"doughnut">} */
  const configuration = {
    type: "doughnut",
    data: { labels: slices.map(({ label }) => label), datasets: [dataset] },
    options: { cutout: "72%", plugins },
  };
  return show(canvas, configuration);
}
