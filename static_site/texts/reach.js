/** How many of the customers that a rule matches would get a message. */

import { number } from "./format.js";
import { reason } from "./reasons.js";

/** @typedef {Pick<Api.Preview, "count" | "excluded">} Reach */

/** @param {Reach} preview */
const excludedCount = ({ excluded }) => Object.values(excluded).reduce((sum, count) => sum + count, 0);

/** @param {Reach} preview */
export const reachOf = (preview) => preview.count - excludedCount(preview);

/**
 * How many customers would be excluded, and why; "" if there are none.
 *
 * @param {Reach} preview
 */
export function excludedText(preview) {
  const counts = Object.entries(preview.excluded).map(([code, count]) => `${number(count)} ${reason(code)}`);
  return counts.length ? `${number(excludedCount(preview))} would be excluded: ${counts.join(", ")}.` : "";
}
