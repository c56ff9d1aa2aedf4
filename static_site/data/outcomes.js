/** The states that a message can be in, in the order in which they are shown. */

/** @type {Api.Outcome[]} */
export const OUTCOMES = ["sent", "failed", "skipped", "unknown", "pending"];

/**
 * The outcomes to show: `unknown` is rare, and has no place where there is none.
 *
 * @param {Partial<Record<Api.Outcome, number>>} numbers
 */
export const outcomesIn = (numbers) => OUTCOMES.filter((kind) => kind !== "unknown" || numbers.unknown);
