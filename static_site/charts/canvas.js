/** What all charts share: Chart.js, loaded when the first one is drawn, and the colours of the design tokens. */

/** Draws on the canvas; what was drawn there before moves on to the new data. */
export async function show(canvas, { type, data, options }) {
  await import("../lib/chart.umd.min.js");
  if (!canvas.isConnected) return;
  const chart = globalThis.Chart.getChart(canvas);
  if (chart) update(chart, data, options);
  else new globalThis.Chart(canvas, { type, data, options: { ...shared(), ...options } });
}

/** The datasets stay the same objects, so that Chart.js animates from the old values to the new ones. */
function update(chart, { labels, datasets }, options) {
  chart.data.labels = labels;
  chart.data.datasets.forEach((dataset, index) => Object.assign(dataset, datasets[index]));
  chart.options = { ...shared(), ...options };
  chart.update();
}

const shared = () => ({
  responsive: true,
  maintainAspectRatio: false,
  animation: animation(),
  font: { family: token("font") },
});

const animation = () => (matchMedia("(prefers-reduced-motion: reduce)").matches ? false : { duration: 400 });

/** A design token's value under the colour scheme that is in force. */
export const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

/** Calls `redraw` when the reader's device turns dark or light. */
export function onSchemeChange(redraw, signal) {
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw, { signal });
}

/** Lets go of what Chart.js holds for a canvas. */
export function release(canvas) {
  globalThis.Chart?.getChart(canvas)?.destroy();
}
