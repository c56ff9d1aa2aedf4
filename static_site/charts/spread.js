/** How the values of a field are spread: a bar for each range of numbers or days, or for each frequent value. */

import { day, number } from "../format.js";
import { show, token } from "./canvas.js";

/** The server's histogram as `[{label, count}]`. */
export function shape({ bins, values, others }) {
  const ranges = bins.map(({ low, high, count }) => ({ label: range(low, high), count }));
  const each = values.map(({ value, count }) => ({ label: value, count }));
  return [...ranges, ...each, ...(others ? [{ label: "others", count: others }] : [])];
}

/** A range ends before its upper edge: of whole numbers next to each other, and of days, it is the lower one alone. */
function range(low, high) {
  if (typeof low === "string") return Date.parse(high) - Date.parse(low) > DAY ? `from ${day(low)}` : day(low);
  return Number.isInteger(low) && high - low === 1 ? number(low) : `${number(low)} – ${number(high)}`;
}

const DAY = 24 * 60 * 60 * 1000;

export function draw(canvas, rows) {
  const grid = { color: token("border") };
  const ticks = { color: token("text-muted"), maxTicksLimit: 6 };
  const dataset = { label: "Customers", data: rows.map(({ count }) => count), backgroundColor: token("accent") };
  return show(canvas, {
    type: "bar",
    data: {
      labels: rows.map(({ label }) => label),
      datasets: [{ ...dataset, categoryPercentage: 1, barPercentage: 0.9 }],
    },
    options: {
      scales: {
        x: { grid: { display: false }, ticks: { ...ticks, maxRotation: 0 } },
        y: { beginAtZero: true, grid, ticks: { ...ticks, precision: 0, callback: number } },
      },
      plugins: { legend: { display: false } },
    },
  });
}
