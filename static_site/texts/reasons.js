/** Why a customer gets no message. */

/** @type {Record<string, string>} */
const REASONS = {
  no_consent: "no consent",
  left_topic: "left this topic",
  unknown_consent: "no consent known",
  same_address: "same address as somebody else",
  held_out: "held out to compare",
  too_often: "enough messages lately",
  no_address: "no address",
  cancelled: "campaign cancelled",
  erased: "customer erased",
};

/**
 * The text of a reason's code. A code without a text loses its underscores.
 *
 * @param {string} code
 */
export const reason = (code) => REASONS[code] ?? code.replaceAll("_", " ");
