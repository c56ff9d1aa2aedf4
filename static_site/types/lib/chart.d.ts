/** `lib/chart-….js` is a copy of npm's `chart.js/dist/chart.umd.min.js`. It sets the global `Chart`. */
import { Chart as ChartClass } from "chart.js";

declare global {
  var Chart: typeof ChartClass | undefined;
}
