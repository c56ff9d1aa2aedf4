/** The campaign in plain words, by Gemini. */

import { campaigns } from "../api.js";
import { el } from "../dom.js";
import { busy, button } from "../forms.js";
import { empty, fill, panel } from "../states.js";

const AUTHORS = { gemini: "Written by Gemini from the numbers", template: "Written from the numbers" };

export class SummaryPanel {
  #place = el("div", { "aria-live": "polite" });
  #write = button("Summarize now", { kind: "quiet", onclick: () => busy([this.#write], () => this.#load()) });
  #options;

  constructor({ id, signal }) {
    this.#options = { id, signal };
    this.element = panel("Summary", { actions: [this.#write] }, this.#place);
    this.#wait();
  }

  /**
   * The campaign is over, or goes on after all. The numbers of a finished one stay: their summary needs nobody to ask
   * for it, and an older one is no longer true.
   */
  turn({ state }) {
    if (state !== "finished") return this.#wait();
    return busy([this.#write], () => this.#load());
  }

  #wait() {
    this.#write.textContent = "Summarize now";
    this.#place.replaceChildren(empty("Gemini sums the campaign up when it is finished, or now if you ask."));
  }

  #load() {
    const { id, signal } = this.#options;
    this.#write.textContent = "Write it again";
    return fill(this.#place, async () => summary(await campaigns.summary(id, signal)), signal);
  }
}

const summary = ({ text, by }) =>
  el("div", {}, el("p", { class: "body-text" }, text), el("p", { class: "muted" }, AUTHORS[by] ?? by));
