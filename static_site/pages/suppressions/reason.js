/** Why an address is suppressed. */

import { texts } from "../../texts.js";

/**
 * The text of Herald's own reasons; the words of a person stay as they are.
 *
 * @param {string} reason
 */
export const reasonText = (reason) => texts("people").suppressions.reasons[reason]?.() ?? reason;
