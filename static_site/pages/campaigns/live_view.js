/** A launched campaign: its progress, its summary, its settings and its messages. */

import { el } from "../../dom/dom.js";
import { detailsPanel } from "./panels/details.js";
import { explanationPanel } from "./panels/explanation.js";
import { MessagesPanel } from "./panels/messages.js";
import { progressPanels } from "./panels/progress.js";
import { SummaryPanel } from "./panels/summary.js";

/**
 * Whether a campaign sends no more messages. A retry of failed messages starts it again.
 *
 * @param {Api.Campaign} campaign
 */
export const isOver = ({ finished_at: at }) => Boolean(at);

/**
 * @param {{campaign: Api.Campaign, signal: AbortSignal}} options
 * @returns {Ui.CampaignView}
 */
export function liveView({ campaign, signal }) {
  const { id } = campaign;
  const progress = progressPanels(signal);
  const summary = new SummaryPanel({ id, signal });
  const messages = new MessagesPanel({ id, signal });
  let wasOver = false;
  /**
   * @param {Api.Campaign} current
   * @param {Api.Statistics | null} statistics
   */
  const show = (current, statistics) => {
    if (!statistics) return;
    progress.show(current, statistics);
    messages.follow(statistics);
    if (isOver(current) !== wasOver) {
      summary.onStateChange(current);
      messages.reload();
    }
    wasOver = isOver(current);
  };
  const element = el(
    "div",
    { class: "stack" },
    el("div", { class: "split" }, progress.outcome, summary.element),
    el("div", { class: "split" }, progress.overTime, detailsPanel(campaign)),
    explanationPanel({ id, isLaunched: true, signal }),
    messages.element,
  );
  return { element, show };
}
