/** A campaign that is not launched: a draft, a scheduled one, or one that was cancelled before its start. */

import { segments } from "../../api.js";
import { el } from "../../dom/dom.js";
import { loadInto, panel } from "../../dom/states.js";
import { dateTime, plural, relativeTime } from "../../texts/format.js";
import { excludedText, reachOf } from "../../texts/reach.js";
import { currentRule } from "./confirmations.js";
import { detailsPanel } from "./panels/details.js";
import { explanationPanel } from "./panels/explanation.js";

/**
 * @param {{campaign: Api.Campaign, signal: AbortSignal}} options
 * @returns {Ui.CampaignView}
 */
export function draftView({ campaign: { id }, signal }) {
  const element = el("div", { class: "stack" });
  const explanation = explanationPanel({ id, isLaunched: false, signal });
  let current = "";
  /** @param {Api.Campaign} campaign */
  const show = (campaign) => {
    const json = JSON.stringify(campaign);
    if (json === current) return;
    current = json;
    element.replaceChildren(statePanel(campaign, signal), detailsPanel(campaign), explanation);
  };
  return { element, show };
}

/**
 * @param {Api.Campaign} campaign
 * @param {AbortSignal} signal
 */
function statePanel(campaign, signal) {
  if (campaign.state === "cancelled") {
    return panel("Cancelled before the start", {}, el("p", {}, "No message was sent, and none will be sent."));
  }
  const { start_at: start } = campaign;
  if (campaign.state !== "scheduled" || !start) return panel("Ready to launch", {}, reach(campaign, signal));
  return panel("Scheduled", {}, startText(start, campaign.start_error), reach(campaign, signal));
}

/**
 * @param {string} start
 * @param {string | null} error Why the campaign could not start.
 */
function startText(start, error) {
  const time = el("time", { datetime: start }, dateTime(start));
  if (error) {
    const text = `, but it could not start: ${error} Herald tries again every minute until this is fixed.`;
    return el("p", { class: "notice", role: "alert" }, "It was scheduled for ", time, text);
  }
  const isDue = Date.parse(start) <= Date.now();
  return isDue
    ? el("p", {}, "It was scheduled for ", time, " and starts soon.")
    : el("p", {}, "It starts ", time, `, ${relativeTime(start)}.`);
}

/**
 * How many customers the campaign would send to now.
 *
 * @param {Api.Campaign} campaign
 * @param {AbortSignal} signal
 */
function reach(campaign, signal) {
  const container = el("div");
  const load = async () => {
    const preview = await segments.preview(await currentRule(campaign, signal), signal);
    const reached = el("strong", {}, plural(reachOf(preview), "customer"));
    return el("p", {}, reached, ` would get a message now. ${excludedText(preview)}`);
  };
  loadInto(container, load, signal);
  return container;
}
