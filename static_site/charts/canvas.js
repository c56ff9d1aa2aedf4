/** What all charts share: Chart.js, which is loaded for the first chart, and the colours of the design tokens. */

/** @import { Chart, ChartConfiguration, ChartData, ChartOptions } from "chart.js" */

/**
 * Draws a chart on a canvas. A chart that is already there is updated.
 *
 * @param {HTMLCanvasElement} canvas
 * @param {ChartConfiguration} configuration
 */
export async function show(canvas, { type, data, options }) {
  await import("/lib/chart-4.6.1.js");
  if (!(canvas.isConnected && globalThis.Chart)) return;
  globalThis.Chart.defaults.font.family = token("font");
  const chart = globalThis.Chart.getChart(canvas);
  if (chart) update(chart, data, options);
  else new globalThis.Chart(canvas, { type, data, options: { ...sharedOptions(), ...options } });
}

/**
 * Updates a chart. The datasets stay the same objects, so Chart.js animates from the old values to the new values.
 *
 * @param {Chart} chart
 * @param {ChartData} data
 * @param {ChartOptions} [options]
 */
function update(chart, { labels, datasets }, options) {
  chart.data.labels = labels;
  chart.data.datasets.forEach((dataset, index) => {
    Object.assign(dataset, datasets[index]);
  });
  chart.options = { ...sharedOptions(), ...options };
  chart.update();
}

/** @returns {ChartOptions} */
const sharedOptions = () => ({
  responsive: true,
  maintainAspectRatio: false,
  animation: animation(),
});

/** @returns {false | {duration: number}} */
const animation = () => (matchMedia("(prefers-reduced-motion: reduce)").matches ? false : { duration: 400 });

/**
 * The value of a design token in the current colour scheme. Tokens of two schemes are `light-dark(…, …)`.
 *
 * @param {string} name
 */
export function token(name) {
  const root = getComputedStyle(document.documentElement);
  const value = root.getPropertyValue(`--${name}`).trim();
  const [, light, dark] = /^light-dark\((.+), (.+)\)$/.exec(value) ?? [];
  if (!light) return value;
  return isDark(root.colorScheme) ? dark : light;
}

/** @param {string} scheme The `color-scheme` of the page: one scheme that the reader chose, or both. */
const isDark = (scheme) =>
  scheme === "dark" || (scheme !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);

/**
 * Calls `redraw` when the reader's device changes between dark and light, or when the reader chooses another theme.
 *
 * @param {() => void} redraw
 * @param {AbortSignal} signal
 */
export function onSchemeChange(redraw, signal) {
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw, { signal });
  document.addEventListener("themechange", redraw, { signal });
}

/**
 * Removes what Chart.js keeps for a canvas.
 *
 * @param {HTMLCanvasElement} canvas
 */
export function release(canvas) {
  globalThis.Chart?.getChart(canvas)?.destroy();
}
