/** The summary of a campaign by Gemini. */

import { campaigns } from "../../../api.js";
import { el } from "../../../dom/dom.js";
import { busy, button } from "../../../dom/forms.js";
import { empty, loadInto, panel } from "../../../dom/states.js";

/** @type {Record<string, string>} */
const AUTHORS = { gemini: "Written by Gemini from the numbers", template: "Written from the numbers, without Gemini" };

export class SummaryPanel {
  #container = el("div", { "aria-live": "polite" });
  #button = button("Summarize now", { kind: "quiet", onclick: () => this.#loadBusy() });
  #options;

  /** @param {{id: string, signal: AbortSignal}} options */
  constructor(options) {
    this.#options = options;
    this.element = panel("Summary", { actions: [this.#button] }, this.#container);
    this.#showPlaceholder();
  }

  /**
   * Loads the summary of a finished campaign, whose numbers are final. In another state an old summary is removed,
   * because it is no longer true.
   *
   * @param {Api.Campaign} campaign
   */
  onStateChange({ state }) {
    if (state !== "finished") return this.#showPlaceholder();
    return this.#loadBusy();
  }

  #showPlaceholder() {
    this.#button.textContent = "Summarize now";
    const text = "Gemini summarizes the campaign when it is finished. You can also ask for a summary now.";
    this.#container.replaceChildren(empty(text));
  }

  #loadBusy() {
    return busy([this.#button], () => this.#load());
  }

  #load() {
    const { id, signal } = this.#options;
    this.#button.textContent = "Summarize again";
    return loadInto(this.#container, async () => summary(await campaigns.summary(id, signal)), signal);
  }
}

/** @param {Api.Summary} summary */
const summary = ({ text, by }) =>
  el("div", {}, el("p", { class: "body-text" }, text), el("p", { class: "muted" }, AUTHORS[by] ?? by));
