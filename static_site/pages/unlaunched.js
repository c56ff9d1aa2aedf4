/** A campaign that was not launched: a draft, one with a date, or one cancelled before it began. */

import { segments } from "../api.js";
import { el } from "../dom.js";
import { distance, moment, plural } from "../format.js";
import { fill, panel } from "../states.js";
import { aboutPanel } from "./about.js";
import { currentRule } from "./questions.js";
import { whyPanel } from "./why.js";

/** `{element, show(campaign)}`. */
export function unlaunchedView({ campaign: { id }, signal }) {
  const element = el("div", { class: "stack" });
  const why = whyPanel({ id, isLaunched: false, signal });
  let shown;
  const show = (campaign) => {
    const now = JSON.stringify(campaign);
    if (now !== shown) element.replaceChildren(PANELS[campaign.state](campaign, signal), aboutPanel(campaign), why);
    shown = now;
  };
  return { element, show };
}

const PANELS = {
  draft: (campaign, signal) => panel("Ready to launch", {}, reach(campaign, signal)),
  scheduled: (campaign, signal) => panel("Scheduled", {}, startOf(campaign), reach(campaign, signal)),
  cancelled: () => panel("Cancelled before it started", {}, el("p", {}, "Nobody was written to, and nobody will be.")),
};

function startOf({ start_at: at }) {
  const when = el("time", { datetime: at }, moment(at));
  const isDue = new Date(at) <= Date.now();
  return isDue
    ? el("p", {}, "It was due ", when, " and starts any moment.")
    : el("p", {}, "It starts ", when, `, ${distance(at)}.`);
}

function reach(campaign, signal) {
  const place = el("div");
  const load = async () => {
    const { count } = await segments.preview(await currentRule(campaign, signal), signal);
    return el("p", {}, el("strong", {}, plural(count, "customer")), " would be written to now.");
  };
  fill(place, load, signal);
  return place;
}
