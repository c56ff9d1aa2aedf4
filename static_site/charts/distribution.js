/** The distribution of a field: a bar for each range of numbers or days, or for each frequent value. */

import { day, number } from "../texts/format.js";
import { show, token } from "./canvas.js";

/** @typedef {{label: string, count: number}} Bar */

const DAY = 24 * 60 * 60 * 1000;

/**
 * Converts a histogram to bars.
 *
 * @param {Pick<Api.Histogram, "bins" | "values" | "others">} histogram
 * @returns {Bar[]}
 */
export function shape({ bins, values, others }) {
  const ranges = bins.map(({ low, high, count }) => ({ label: rangeLabel(low, high), count }));
  const frequent = values.map(({ value, count }) => ({ label: value, count }));
  return [...ranges, ...frequent, ...(others ? [{ label: "other values", count: others }] : [])];
}

/**
 * The label of a range. The upper edge is not part of the range, so a range of one whole number or one day has only its
 * lower edge as label.
 *
 * @param {number | string} low
 * @param {number | string} high
 */
function rangeLabel(low, high) {
  if (typeof low === "string" || typeof high === "string") {
    const [from, to] = [String(low), String(high)];
    return Date.parse(to) - Date.parse(from) > DAY ? `from ${day(from)}` : day(from);
  }
  return Number.isInteger(low) && high - low === 1 ? number(low) : `${number(low)} – ${number(high)}`;
}

/**
 * @param {HTMLCanvasElement} canvas
 * @param {Bar[]} bars
 */
export function draw(canvas, bars) {
  const grid = { color: token("border") };
  const ticks = { color: token("text-muted"), maxTicksLimit: 6 };
  const dataset = { label: "Customers", data: bars.map(({ count }) => count), backgroundColor: token("accent") };
  return show(canvas, {
    type: "bar",
    data: {
      labels: bars.map(({ label }) => label),
      datasets: [{ ...dataset, categoryPercentage: 1, barPercentage: 0.9 }],
    },
    options: {
      scales: {
        x: { grid: { display: false }, ticks: { ...ticks, maxRotation: 0 } },
        y: { beginAtZero: true, grid, ticks: { ...ticks, precision: 0, callback: (value) => number(Number(value)) } },
      },
      plugins: { legend: { display: false } },
    },
  });
}
