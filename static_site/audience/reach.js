/** Who of those whom a rule finds would be written to: `{count, left_out}` of a preview. */

import { number, reason } from "../format.js";

export const leftOutOf = ({ left_out: reasons }) => Object.values(reasons).reduce((sum, count) => sum + count, 0);

export const reachOf = (preview) => preview.count - leftOutOf(preview);

/** How many would be left out, and why; "" where nobody would. */
export function leftOutLine(preview) {
  const lines = Object.entries(preview.left_out).map(([code, count]) => `${number(count)} ${reason(code)}`);
  return lines.length ? `${number(leftOutOf(preview))} would be left out: ${lines.join(", ")}.` : "";
}
