/** What all charts share: Chart.js, which is loaded for the first chart seen, and the colours of the design tokens. */

/** @import { Chart, ChartConfiguration, ChartData, ChartOptions } from "chart.js" */

/**
 * The newest configuration of each canvas that has no chart yet.
 *
 * @type {WeakMap<HTMLCanvasElement, ChartConfiguration>}
 */
const waiting = new WeakMap();

/**
 * Draws a chart on a canvas as soon as it is near the window. A chart that is already there is updated.
 *
 * @param {HTMLCanvasElement} canvas
 * @param {ChartConfiguration} configuration
 */
export async function show(canvas, configuration) {
  const chart = globalThis.Chart?.getChart(canvas);
  if (chart) return update(chart, configuration.data, configuration.options);
  const isFirst = !waiting.has(canvas);
  waiting.set(canvas, configuration);
  if (isFirst) await create(canvas);
}

/** @param {HTMLCanvasElement} canvas */
async function create(canvas) {
  await near(canvas);
  await import("/lib/chart-4.6.1.js");
  const newest = waiting.get(canvas);
  waiting.delete(canvas);
  if (!(newest && canvas.isConnected && globalThis.Chart)) return;
  globalThis.Chart.defaults.font.family = token("font");
  new globalThis.Chart(canvas, { ...newest, options: { ...sharedOptions(), ...newest.options } });
}

/**
 * Waits until an element is in the window, or nearly.
 *
 * @param {Element} element
 * @returns {Promise<void>}
 */
const near = (element) =>
  new Promise((resolve) => {
    const observer = new IntersectionObserver(
      ([entry]) => {
        if (!entry.isIntersecting) return;
        observer.disconnect();
        resolve();
      },
      { rootMargin: "200px" },
    );
    observer.observe(element);
  });

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
