/** Shows how many messages are deferred, and why. */

import { announce, el } from "../../../dom/dom.js";
import { deferredTexts } from "../../../texts/deferred.js";

export class DeferredList {
  element = el("ul", { class: "deferred", role: "list", "aria-label": "Waiting messages" });
  #reasons = "";

  /**
   * @param {Api.Campaign} campaign
   * @param {Api.Statistics} statistics
   */
  show(campaign, { deferred }) {
    const lines = deferredTexts(campaign, deferred);
    this.element.hidden = !lines.length;
    this.element.replaceChildren(...lines.map(({ reason, text }) => el("li", { "data-reason": reason }, text)));
    this.#announceChange(lines);
  }

  /**
   * A screen reader announces each new reason, not each new number.
   *
   * @param {{reason: string, text: string}[]} lines
   */
  #announceChange(lines) {
    const reasons = lines.map(({ reason }) => reason).join();
    if (reasons && reasons !== this.#reasons) announce(lines.map(({ text }) => text).join(" "));
    this.#reasons = reasons;
  }
}
