/** The progress of a campaign: a ring with a slice for each state of the messages. */

import { show, token } from "./canvas.js";

/** @typedef {{kind: Api.Outcome, label: string, value: number}} Slice */

/**
 * The values of the ring; an audience without people has a ring that is only grey.
 *
 * @param {Slice[]} slices
 */
export const ringValues = (slices) =>
  slices.some(({ value }) => value)
    ? slices.map(({ value }) => value)
    : slices.map(({ kind }) => Number(kind === "pending"));

/**
 * @param {HTMLCanvasElement} canvas
 * @param {Slice[]} slices
 */
export function draw(canvas, slices) {
  const dataset = {
    data: ringValues(slices),
    backgroundColor: slices.map(({ kind }) => token(`chart-${kind}`)),
    borderColor: token("surface"),
    borderWidth: 2,
  };
  const plugins = { legend: { display: false }, tooltip: { enabled: slices.some(({ value }) => value) } };
  /** @type {import("chart.js").ChartConfiguration<"doughnut">} */
  const configuration = {
    type: "doughnut",
    data: { labels: slices.map(({ label }) => label), datasets: [dataset] },
    options: { cutout: "74%", plugins },
  };
  return show(canvas, configuration);
}
