/** States in one word. */

import { el } from "../dom.js";

/** A campaign's or a message's state: draft, running, finished; sent, failed, skipped, pending. */
export const stateBadge = (state) =>
  el("span", { class: "badge", "data-state": state }, state[0].toUpperCase() + state.slice(1));
