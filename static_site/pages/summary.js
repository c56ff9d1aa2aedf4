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
    this.#place.append(empty("Gemini sums the campaign up when it is finished, or now if you ask."));
  }

  /** The numbers will not change any more: their summary needs nobody to ask for it. */
  finish() {
    this.#write.textContent = "Write it again";
    return busy([this.#write], () => this.#load());
  }

  #load() {
    const { id, signal } = this.#options;
    return fill(this.#place, async () => summary(await campaigns.summary(id, signal)), signal);
  }
}

const summary = ({ text, by }) =>
  el("div", {}, el("p", { class: "body-text" }, text), el("p", { class: "muted" }, AUTHORS[by] ?? by));
