/** The buttons for what can be done to a campaign. */

import { el } from "../dom.js";
import { busy, button, clearProblem, formError, showProblem } from "../forms.js";
import { act, ACTIONS, possible } from "./actions.js";

export class Controls {
  #buttons = el("div", { class: "actions", role: "group", "aria-label": "Actions" });
  #attempt;
  #latest;
  #isBusy = false;
  #drawn = "";

  /** `attempt(send)` runs an action's request. */
  constructor(attempt) {
    this.#attempt = attempt;
    this.element = el("div", { class: "controls" }, this.#buttons, formError());
  }

  /** While an action is under way the buttons stay as they are. */
  show(campaign, statistics) {
    this.#latest = { campaign, statistics };
    if (!this.#isBusy) this.#draw();
  }

  #draw() {
    const { campaign, statistics } = this.#latest;
    const names = possible(campaign, statistics);
    const drawing = [campaign.state, ...names].join();
    if (drawing === this.#drawn) return;
    const hadFocus = this.#buttons.contains(document.activeElement);
    this.#drawn = drawing;
    this.#buttons.replaceChildren(...names.map((name) => this.#button(name, campaign)));
    if (hadFocus) (this.#buttons.firstElementChild ?? document.querySelector("main")).focus();
  }

  #button(name, campaign) {
    const { label, kind } = ACTIONS[name];
    return button(label(campaign), { kind, onclick: () => this.#run(name) });
  }

  async #run(name) {
    this.#isBusy = true;
    clearProblem(this.element);
    try {
      await busy([...this.#buttons.children], () => act(name, { ...this.#latest, attempt: this.#attempt }));
    } catch (error) {
      showProblem(this.element, error);
    } finally {
      this.#isBusy = false;
      this.#draw();
    }
  }
}
