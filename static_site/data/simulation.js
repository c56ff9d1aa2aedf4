/** How the simulator behaves for one campaign, as the editor holds it: texts, shares in per cent. */

/** @typedef {{success: string, latency: string, duplicates: string, reorder: string, outage: string}} SimulationValues */

/** What is empty is as in the settings of this Herald, or nothing. @type {SimulationValues} */
export const NO_SIMULATION = { success: "", latency: "", duplicates: "", reorder: "", outage: "" };

/** @param {number | null | undefined} share */
const percent = (share) => (typeof share === "number" ? String(Math.round(share * 10_000) / 100) : "");

/** @param {number | null | undefined} value */
const written = (value) => (typeof value === "number" ? String(value) : "");

/** @param {string} text */
const numberIn = (text) => (text ? Number(text) : null);

/** @param {string} text */
const shareIn = (text) => (text ? Number(text) / 100 : null);

/**
 * @param {Api.Simulation | null | undefined} choice
 * @returns {SimulationValues}
 */
export const simulationFrom = (choice) => ({
  success: percent(choice?.success_share),
  latency: written(choice?.latency_seconds),
  duplicates: percent(choice?.duplicate_share),
  reorder: written(choice?.reorder_seconds || null),
  outage: written(choice?.outage_seconds || null),
});

/**
 * What the API is told: null if nothing is chosen.
 *
 * @param {SimulationValues} [values] An old copy of a draft in this tab has none.
 * @returns {Api.Simulation | null}
 */
export function choiceFrom({ success, latency, duplicates, reorder, outage } = NO_SIMULATION) {
  if (!(success || latency || duplicates || reorder || outage)) return null;
  return {
    success_share: shareIn(success),
    latency_seconds: numberIn(latency),
    duplicate_share: shareIn(duplicates),
    reorder_seconds: numberIn(reorder) ?? 0,
    outage_seconds: numberIn(outage) ?? 0,
  };
}
