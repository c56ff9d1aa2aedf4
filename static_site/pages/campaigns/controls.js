/** The buttons for the actions on a campaign. */

import { el, find } from "../../dom/dom.js";
import { busy, button, clearProblem, formError, showProblem } from "../../dom/forms.js";
import { actionKind, actionLabel, availableActions, runAction } from "./actions.js";

/** @import { ActionName } from "./actions.js" */

export class Controls {
  #buttons = el("div", { class: "actions", role: "group", "aria-label": "Actions" });
  #attempt;
  /** @type {{campaign: Api.Campaign, statistics: Api.Statistics | null} | undefined} */
  #current;
  #isBusy = false;
  #rendered = "";

  /** @param {Ui.Attempt} attempt `attempt(send)` runs the request of an action. */
  constructor(attempt) {
    this.#attempt = attempt;
    this.element = el("div", { class: "controls" }, this.#buttons, formError());
  }

  /**
   * Shows the buttons for the state of the campaign. While an action runs, the buttons stay unchanged.
   *
   * @param {Api.Campaign} campaign
   * @param {Api.Statistics | null} statistics
   */
  show(campaign, statistics) {
    this.#current = { campaign, statistics };
    if (!this.#isBusy) this.#render();
  }

  #render() {
    if (!this.#current) return;
    const { campaign, statistics } = this.#current;
    const names = availableActions(campaign, statistics);
    const rendered = [campaign.state, ...names].join();
    if (rendered === this.#rendered) return;
    const hadFocus = this.#buttons.contains(document.activeElement);
    this.#rendered = rendered;
    const buttons = names.map((name) => this.#button(name, campaign));
    this.#buttons.replaceChildren(...buttons);
    if (hadFocus) (buttons[0] ?? find(document, "main")).focus();
  }

  /**
   * @param {ActionName} name
   * @param {Api.Campaign} campaign
   */
  #button(name, campaign) {
    return button(actionLabel(name, campaign), { kind: actionKind(name), onclick: () => this.#run(name) });
  }

  /** @param {ActionName} name */
  async #run(name) {
    const current = this.#current;
    if (!current) return;
    this.#isBusy = true;
    clearProblem(this.element);
    const buttons = [...this.#buttons.querySelectorAll("button")];
    try {
      await busy(buttons, () => runAction(name, { ...current, attempt: this.#attempt }));
    } catch (error) {
      showProblem(this.element, error);
    } finally {
      this.#isBusy = false;
      this.#render();
    }
  }
}
