/** One campaign, followed as long as the page is open: what it is, how it is going, what can be done to it. */

import { campaigns } from "../api.js";
import { announce, el } from "../dom.js";
import { watch } from "../poll.js";
import { mayWrite } from "../session.js";
import { failed, loading } from "../states.js";
import { campaignHeader } from "./campaign_header.js";
import { Controls } from "./controls.js";
import { discrepancyWarning } from "./discrepancy.js";
import { isOver, launchedView } from "./launched.js";
import { unlaunchedView } from "./unlaunched.js";

const WAITS = { draft: 15_000, scheduled: 5000, running: 1000, paused: 2000, cancelled: 1000 };
const WAIT_WHEN_OVER = 30_000;

const waitOf = (campaign) => (isOver(campaign) ? WAIT_WHEN_OVER : WAITS[campaign.state]);

export const campaignPage = (options) => new CampaignPage(options).element;

class CampaignPage {
  #id;
  #signal;
  #controls;
  #header;
  #refusal = el("p", { class: "notice", role: "alert", hidden: true });
  #trouble = el("p", { class: "field-error", role: "status" });
  #warning = el("div", { hidden: true });
  #content = el("div", {}, loading());
  #view;
  #before; // the campaign as it was last shown
  #watching;

  constructor({ me, params: { id }, signal }) {
    this.#id = id;
    this.#signal = signal;
    this.#controls = mayWrite(me) ? new Controls((send) => this.#attempt(send)) : null;
    this.#header = campaignHeader(this.#controls?.element);
    const parts = [this.#header.element, this.#refusal, this.#trouble, this.#warning, this.#content];
    this.element = el("div", { class: "page" }, ...parts);
    this.#watching = watch((current) => this.#look(current), { onError: (error) => this.#fail(error), signal });
  }

  /** The campaign is read before its numbers: those of one that is over are the last ones then. */
  async #look(signal) {
    const campaign = await campaigns.get(this.#id, signal);
    const statistics = campaign.launched_at ? await campaigns.statistics(this.#id, signal) : null;
    if (!signal.aborted) this.#show(campaign, statistics);
    return waitOf(campaign);
  }

  #show(campaign, statistics) {
    const before = this.#before;
    this.#before = campaign;
    this.#trouble.textContent = "";
    this.#header.show(campaign);
    this.#controls?.show(campaign, statistics);
    this.#warn(before?.discrepancy, campaign.discrepancy);
    if (!before || !before.launched_at !== !campaign.launched_at) this.#enter(campaign);
    this.#view.show(campaign, statistics);
    if (before && before.state !== campaign.state) announce(`The campaign is ${campaign.state}`);
  }

  #warn(before, now) {
    if (JSON.stringify(before ?? null) === JSON.stringify(now ?? null)) return;
    this.#warning.hidden = !now;
    this.#warning.replaceChildren(now ? discrepancyWarning(now) : "");
  }

  #enter(campaign) {
    const view = campaign.launched_at ? launchedView : unlaunchedView;
    this.#view = view({ campaign, signal: this.#signal });
    this.#content.replaceChildren(this.#view.element);
  }

  /** What is there stays, with a word that it may be old. */
  #fail(error) {
    if (this.#view) {
      this.#trouble.textContent = `This page may be old: ${error.message}`;
      return;
    }
    this.#watching.stop();
    this.#content.replaceChildren(failed(error, () => this.#startAgain()));
  }

  #startAgain() {
    this.#content.replaceChildren(loading());
    this.#watching.again();
  }

  /** What is refused because of the campaign's state is said on the page, which then shows that state. */
  async #attempt(send) {
    this.#refuse("");
    try {
      await send();
    } catch (error) {
      if (error.status !== 409) throw error;
      this.#refuse(error.message);
    }
    this.#watching.again();
  }

  #refuse(text) {
    this.#refusal.hidden = !text;
    this.#refusal.textContent = text;
  }
}
