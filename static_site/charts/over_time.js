/** How many were sent, failed and skipped by when. */

import { number, time } from "../format.js";
import { show, token } from "./canvas.js";

const KINDS = [
  ["sent", "Sent"],
  ["failed", "Failed"],
  ["skipped", "Skipped"],
];

const MINUTE = 60_000;
const STEPS = [1, 2, 5, 15, 60, 360, 1440, 10_080].map((minutes) => minutes * MINUTE);
const MOST_POINTS = 90;

/**
 * Rows `{at, sent, failed, skipped}`, one for each minute in which something happened, as running totals at equal
 * steps: `{times: [ISO], series: [{kind, label, values}]}`. They begin at zero, and the step grows with the whole
 * time, so that there are never more than about `MOST_POINTS`.
 */
export function shape(rows) {
  if (!rows.length) return { times: [], series: KINDS.map(([kind, label]) => ({ kind, label, values: [] })) };
  const { start, step, count } = steps(rows.map(({ at }) => Date.parse(at)));
  const times = Array.from({ length: count + 1 }, (_, index) => new Date(start + index * step).toISOString());
  const stepOf = ({ at }) => Math.floor((Date.parse(at) - start) / step);
  const series = KINDS.map(([kind, label]) => ({ kind, label, values: totals(rows, kind, stepOf, count) }));
  return { times, series };
}

function steps(moments) {
  const [first, last] = [Math.min(...moments), Math.max(...moments)];
  const step = STEPS.find((one) => (last - first) / one < MOST_POINTS) ?? STEPS.at(-1);
  const start = Math.floor(first / step) * step;
  return { start, step, count: Math.floor((last - start) / step) + 1 };
}

/** What had happened by the start of each step, the last value being the sum of all. */
function totals(rows, kind, stepOf, count) {
  const added = Array(count).fill(0);
  for (const row of rows) added[stepOf(row)] += row[kind] ?? 0;
  let sum = 0;
  return [0, ...added.map((amount) => (sum += amount))];
}

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

function options() {
  const grid = { color: token("border") };
  const ticks = { color: token("text-muted"), maxTicksLimit: 6 };
  const whole = { ...ticks, precision: 0, callback: number };
  return {
    interaction: { mode: "index", intersect: false },
    scales: {
      x: { grid: { display: false }, ticks: { ...ticks, maxRotation: 0 } },
      y: { beginAtZero: true, grid, ticks: whole },
    },
    plugins: { legend: { labels: { color: token("text"), boxWidth: 12, boxHeight: 2 } } },
  };
}
