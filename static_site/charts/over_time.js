/** How many messages were sent, failed and skipped until each time. */

import { number, time } from "../texts/format.js";
import { show, token } from "./canvas.js";

/** @typedef {"sent" | "failed" | "skipped"} Kind */
/** @typedef {{kind: Kind, label: string, values: number[]}} Series */

/** @type {[Kind, string][]} */
const KINDS = [
  ["sent", "Sent"],
  ["failed", "Failed"],
  ["skipped", "Skipped"],
];

const MINUTE = 60_000;
const STEPS = [1, 2, 5, 15, 60, 360, 1440, 10_080].map((minutes) => minutes * MINUTE);
const MAX_POINTS = 90;

/**
 * Converts the outcomes of each minute to running totals at equal steps. The totals begin at zero. A longer time has
 * longer steps, so that there are at most about `MAX_POINTS`.
 *
 * @param {Api.OutcomesPerMinute[]} rows
 * @returns {{times: string[], series: Series[]}} Times are ISO 8601 texts.
 */
export function shape(rows) {
  if (!rows.length) return { times: [], series: KINDS.map(([kind, label]) => ({ kind, label, values: [] })) };
  const { start, step, count } = steps(rows.map(({ at }) => Date.parse(at)));
  const times = Array.from({ length: count + 1 }, (_, index) => new Date(start + index * step).toISOString());
  /** @param {Api.OutcomesPerMinute} row */
  const stepOf = ({ at }) => Math.floor((Date.parse(at) - start) / step);
  const series = KINDS.map(([kind, label]) => ({ kind, label, values: totals(rows, kind, stepOf, count) }));
  return { times, series };
}

/** @param {number[]} times In ms. */
function steps(times) {
  const [first, last] = [Math.min(...times), Math.max(...times)];
  const step = STEPS.find((length) => (last - first) / length < MAX_POINTS) ?? STEPS[STEPS.length - 1];
  const start = Math.floor(first / step) * step;
  return { start, step, count: Math.floor((last - start) / step) + 1 };
}

/**
 * The totals at the start of each step. The last total is the sum of all rows.
 *
 * @param {Api.OutcomesPerMinute[]} rows
 * @param {Kind} kind
 * @param {(row: Api.OutcomesPerMinute) => number} stepOf
 * @param {number} count
 */
function totals(rows, kind, stepOf, count) {
  const added = Array(count).fill(0);
  for (const row of rows) added[stepOf(row)] += row[kind] ?? 0;
  const sums = [0];
  for (const amount of added) sums.push(sums[sums.length - 1] + amount);
  return sums;
}

/**
 * @param {HTMLCanvasElement} canvas
 * @param {{times: string[], series: Series[]}} data
 */
export function draw(canvas, { times, series }) {
  const datasets = series.map(({ kind, label, values }) => ({
    label,
    data: values,
    borderColor: token(`chart-${kind}`),
    backgroundColor: token(`chart-${kind}`),
    borderWidth: 2,
    pointRadius: values.length > 20 ? 0 : 3,
    pointHitRadius: 12,
  }));
  return show(canvas, { type: "line", data: { labels: times.map(time), datasets }, options: options() });
}

/** @returns {import("chart.js").ChartOptions} */
function options() {
  const grid = { color: token("border") };
  const ticks = { color: token("text-muted"), maxTicksLimit: 6 };
  return {
    interaction: { mode: "index", intersect: false },
    scales: {
      x: { grid: { display: false }, ticks: { ...ticks, maxRotation: 0 } },
      y: { beginAtZero: true, grid, ticks: { ...ticks, precision: 0, callback: (value) => number(Number(value)) } },
    },
    plugins: { legend: { labels: { color: token("text"), boxWidth: 12, boxHeight: 2 } } },
  };
}
