/** One campaign: a draft to launch, or how it is going. */

import { campaigns } from "../api.js";
import { announce, el, heading, rename } from "../dom.js";
import { moment } from "../format.js";
import { poll } from "../poll.js";
import { fill } from "../states.js";
import { aboutPanel } from "./about.js";
import { stateBadge } from "./badges.js";
import { draftPanel } from "./draft.js";
import { MessagesPanel } from "./messages.js";
import { progressPanels } from "./progress.js";
import { SummaryPanel } from "./summary.js";

export function campaignPage({ me, params: { id }, signal }) {
  const header = campaignHeader();
  const content = el("div", { class: "stack" });
  const show = (campaign) => {
    header.show(campaign);
    return campaign.state === "draft" ? draft(campaign) : launched(campaign, header, signal);
  };
  const draft = (campaign) => draftView({ campaign, me, signal, onlaunched: load });
  const load = () => fill(content, async () => show(await campaigns.get(id, signal)), signal);
  load();
  return el("div", { class: "page" }, header.element, content);
}

function campaignHeader() {
  const title = heading("Campaign");
  const state = el("span");
  const facts = el("p", { class: "facts muted" });
  const show = (campaign) => {
    rename(title, campaign.name);
    state.replaceChildren(stateBadge(campaign.state));
    facts.textContent = factsOf(campaign).join(" · ");
  };
  return {
    element: el("header", { class: "campaign-header" }, el("div", { class: "title" }, title, state), facts),
    show,
  };
}

const factsOf = (campaign) =>
  [
    campaign.created_at && `created ${moment(campaign.created_at)} by ${campaign.created_by}`,
    campaign.launched_at && `launched ${moment(campaign.launched_at)} by ${campaign.launched_by}`,
    campaign.finished_at && `finished ${moment(campaign.finished_at)}`,
  ].filter(Boolean);

const draftView = ({ campaign, ...rest }) =>
  el("div", { class: "stack" }, draftPanel({ campaign, ...rest }), aboutPanel(campaign));

function launched(campaign, header, signal) {
  const { id } = campaign;
  const progress = progressPanels(signal);
  const summary = new SummaryPanel({ id, signal });
  const messages = new MessagesPanel({ id, signal });
  const step = async () => {
    const statistics = await campaigns.statistics(id, signal);
    progress.show(statistics);
    messages.follow(statistics);
    if (statistics.state !== "finished") return false;
    finish({ header, summary, messages, campaign, signal });
    return true;
  };
  poll(step, { signal, onError: progress.fail });
  return el(
    "div",
    { class: "stack" },
    el("div", { class: "split" }, progress.outcome, summary.element),
    el("div", { class: "split" }, progress.overTime, aboutPanel(campaign)),
    messages.element,
  );
}

/** The last numbers are there: now the summary can be written, and the messages are as they will stay. */
async function finish({ header, summary, messages, campaign, signal }) {
  summary.finish();
  messages.reload();
  if (campaign.state === "finished") return;
  announce("The campaign is finished");
  const now = await campaigns.get(campaign.id, signal).catch(() => ({ ...campaign, state: "finished" }));
  if (!signal.aborted) header.show(now);
}
