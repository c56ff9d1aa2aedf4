/** States as badges. */

import { el } from "./dom.js";

/**
 * The badge of a campaign's or a message's state.
 *
 * @param {string} state
 */
export const stateBadge = (state) =>
  el("span", { class: "badge", "data-state": state }, state[0].toUpperCase() + state.slice(1));
