/** Shows which messages wait, and why. */

import { announce, el } from "../dom.js";
import { waiting } from "./waiting.js";

export class WaitingList {
  element = el("ul", { class: "waiting", role: "list", "aria-label": "What waits" });
  #reasons = "";

  show(campaign, { held }) {
    const lines = waiting(campaign, held);
    this.element.hidden = !lines.length;
    this.element.replaceChildren(...lines.map(({ reason, text }) => el("li", { "data-reason": reason }, text)));
    this.#tell(lines);
  }

  /** A screen reader hears each new reason, not each new number. */
  #tell(lines) {
    const reasons = lines.map(({ reason }) => reason).join();
    if (reasons && reasons !== this.#reasons) announce(lines.map(({ text }) => text).join(" "));
    this.#reasons = reasons;
  }
}
