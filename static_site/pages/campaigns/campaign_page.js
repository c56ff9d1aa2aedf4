/** One campaign: its state, its numbers, and its actions. The page is updated as long as it is open. */

import { ApiError, campaigns } from "../../api.js";
import { watch } from "../../data/polling.js";
import { announce, el } from "../../dom/dom.js";
import { failed, loading } from "../../dom/states.js";
import { mayWrite } from "../../session.js";
import { campaignHeader } from "./campaign_header.js";
import { Controls } from "./controls.js";
import { discrepancyWarning } from "./discrepancy.js";
import { draftView } from "./draft_view.js";
import { isOver, liveView } from "./live_view.js";

const POLL = { draft: 15_000, scheduled: 5000, running: 1000, paused: 2000, cancelled: 1000, finished: 30_000 };

/** @param {Api.Campaign} campaign */
const pollInterval = (campaign) => POLL[isOver(campaign) ? "finished" : campaign.state];

/** @param {Ui.PageOptions} options */
export const campaignPage = (options) => new CampaignPage(options).element;

class CampaignPage {
  #id;
  #signal;
  #controls;
  #header;
  #refusal = el("p", { class: "notice", role: "alert", hidden: true });
  #pollError = el("p", { class: "field-error", role: "status" });
  #warning = el("div", { hidden: true });
  #content = el("div", {}, loading());
  /** @type {Ui.CampaignView | undefined} */
  #view;
  /** @type {Api.Campaign | undefined} */
  #shown; // the campaign as the page shows it
  #watching;

  /** @param {Ui.PageOptions} options */
  constructor({ me, params: { id }, signal }) {
    this.#id = id;
    this.#signal = signal;
    this.#controls = mayWrite(me) ? new Controls((send) => this.#attempt(send)) : null;
    this.#header = campaignHeader(this.#controls?.element);
    const parts = [this.#header.element, this.#refusal, this.#pollError, this.#warning, this.#content];
    this.element = el("div", { class: "page" }, ...parts);
    this.#watching = watch((current) => this.#load(current), { onError: (error) => this.#showError(error), signal });
  }

  /**
   * The campaign is read before its statistics, so the statistics of a finished campaign are final.
   *
   * @param {AbortSignal} signal
   */
  async #load(signal) {
    const campaign = await campaigns.get(this.#id, signal);
    const statistics = campaign.launched_at ? await campaigns.statistics(this.#id, signal) : null;
    if (!signal.aborted) this.#show(campaign, statistics);
    return pollInterval(campaign);
  }

  /**
   * @param {Api.Campaign} campaign
   * @param {Api.Statistics | null} statistics
   */
  #show(campaign, statistics) {
    const before = this.#shown;
    this.#shown = campaign;
    this.#pollError.textContent = "";
    this.#header.show(campaign);
    this.#controls?.show(campaign, statistics);
    this.#showDiscrepancy(before?.discrepancy ?? null, campaign.discrepancy ?? null);
    if (!this.#view || !before?.launched_at !== !campaign.launched_at) this.#view = this.#enter(campaign);
    this.#view.show(campaign, statistics);
    if (before && before.state !== campaign.state) announce(`The campaign is ${campaign.state}`);
  }

  /**
   * @param {Api.Discrepancy | null} before
   * @param {Api.Discrepancy | null} current
   */
  #showDiscrepancy(before, current) {
    if (JSON.stringify(before) === JSON.stringify(current)) return;
    this.#warning.hidden = !current;
    this.#warning.replaceChildren(current ? discrepancyWarning(current) : "");
  }

  /**
   * @param {Api.Campaign} campaign
   * @returns {Ui.CampaignView}
   */
  #enter(campaign) {
    const createView = campaign.launched_at ? liveView : draftView;
    const view = createView({ campaign, signal: this.#signal });
    this.#content.replaceChildren(view.element);
    return view;
  }

  /**
   * Content that is already visible stays, with a note that it may be out of date.
   *
   * @param {unknown} error
   */
  #showError(error) {
    if (this.#view) {
      const message = error instanceof Error ? error.message : String(error);
      this.#pollError.textContent = `This page may be out of date: ${message}`;
      return;
    }
    this.#watching.stop();
    this.#content.replaceChildren(failed(error, () => this.#restart()));
  }

  #restart() {
    this.#content.replaceChildren(loading());
    this.#watching.restart();
  }

  /**
   * Runs the request of an action. If the state of the campaign does not allow it, the page shows the reason and then
   * that state.
   *
   * @param {() => Promise<unknown>} send
   */
  async #attempt(send) {
    this.#showRefusal("");
    try {
      await send();
    } catch (error) {
      if (!(error instanceof ApiError && error.status === 409)) throw error;
      this.#showRefusal(error.message);
    }
    this.#watching.restart();
  }

  /** @param {string} text */
  #showRefusal(text) {
    this.#refusal.hidden = !text;
    this.#refusal.textContent = text;
  }
}
