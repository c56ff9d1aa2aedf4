/** A campaign that was not launched: a draft, one with a date, or one cancelled before it began. */

import { segments } from "../api.js";
import { leftOutLine, reachOf } from "../audience/reach.js";
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

function startOf({ start_at: at, start_problem: problem }) {
  const when = el("time", { datetime: at }, moment(at));
  if (problem) return el("p", { class: "notice", role: "alert" }, "It was due ", when, notStarted(problem));
  const isDue = new Date(at) <= Date.now();
  return isDue
    ? el("p", {}, "It was due ", when, " and starts any moment.")
    : el("p", {}, "It starts ", when, `, ${distance(at)}.`);
}

const notStarted = (problem) =>
  `, and could not be started: ${problem} It is tried again each minute, until that is put right.`;

function reach(campaign, signal) {
  const place = el("div");
  const load = async () => {
    const preview = await segments.preview(await currentRule(campaign, signal), signal);
    const reached = el("strong", {}, plural(reachOf(preview), "customer"));
    return el("p", {}, reached, ` would be written to now. ${leftOutLine(preview)}`);
  };
  fill(place, load, signal);
  return place;
}
