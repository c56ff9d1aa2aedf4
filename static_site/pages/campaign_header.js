/** What a campaign is called, its state, what can be done to it, and what it has been through. */

import { el, heading, rename } from "../dom.js";
import { moment } from "../format.js";
import { stateBadge } from "./badges.js";

/** `{element, show(campaign)}` with the `controls`, if the reader has any, beside the title. */
export function campaignHeader(controls) {
  const title = heading("Campaign");
  const state = el("span");
  const facts = el("p", { class: "facts muted" });
  const show = (campaign) => {
    if (title.textContent !== campaign.name) rename(title, campaign.name);
    state.replaceChildren(stateBadge(campaign.state));
    facts.textContent = factsOf(campaign).join(" · ");
  };
  const head = el("div", { class: "page-header" }, el("div", { class: "title" }, title, state), controls);
  return { element: el("header", { class: "campaign-header" }, head, facts), show };
}

const factsOf = (campaign) =>
  [
    `created ${moment(campaign.created_at)} by ${campaign.created_by}`,
    campaign.state === "scheduled" && `starts ${moment(campaign.start_at)}`,
    campaign.launched_at && `launched ${moment(campaign.launched_at)} by ${campaign.launched_by}`,
    campaign.finished_at && `${campaign.state} ${moment(campaign.finished_at)}`,
  ].filter(Boolean);
