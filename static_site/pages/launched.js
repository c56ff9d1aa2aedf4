/** How a launched campaign is going. */

import { el } from "../dom.js";
import { aboutPanel } from "./about.js";
import { MessagesPanel } from "./messages.js";
import { progressPanels } from "./progress.js";
import { SummaryPanel } from "./summary.js";
import { whyPanel } from "./why.js";

/** Nothing will be sent any more, unless somebody retries what failed. */
export const isOver = ({ finished_at: at }) => Boolean(at);

/** `{element, show(campaign, statistics)}`. */
export function launchedView({ campaign, signal }) {
  const { id } = campaign;
  const progress = progressPanels(signal);
  const summary = new SummaryPanel({ id, signal });
  const messages = new MessagesPanel({ id, signal });
  let wasOver = false;
  const show = (now, statistics) => {
    progress.show(now, statistics);
    messages.follow(statistics);
    if (isOver(now) !== wasOver) {
      summary.turn(now);
      messages.reload();
    }
    wasOver = isOver(now);
  };
  const element = el(
    "div",
    { class: "stack" },
    el("div", { class: "split" }, progress.outcome, summary.element),
    el("div", { class: "split" }, progress.overTime, aboutPanel(campaign)),
    whyPanel({ id, isLaunched: true, signal }),
    messages.element,
  );
  return { element, show };
}
