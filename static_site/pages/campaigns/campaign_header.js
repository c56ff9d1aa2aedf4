/** The title of a campaign with its state, its actions and its dates. */

import { stateBadge } from "../../dom/badges.js";
import { el, heading, setHeading } from "../../dom/dom.js";
import { dateTime } from "../../texts/format.js";

/**
 * Returns `{element, show(campaign)}`. The `controls` are beside the title.
 *
 * @param {HTMLElement} [controls]
 */
export function campaignHeader(controls) {
  const title = heading("Campaign");
  const state = el("span");
  const facts = el("p", { class: "facts muted" });
  /** @param {Api.Campaign} campaign */
  const show = (campaign) => {
    if (title.textContent !== campaign.name) setHeading(title, campaign.name);
    state.replaceChildren(stateBadge(campaign.state));
    facts.textContent = factsOf(campaign).join(" · ");
  };
  const head = el("div", { class: "page-header" }, el("div", { class: "title" }, title, state), controls);
  return { element: el("header", { class: "campaign-header" }, head, facts), show };
}

/** @param {Api.Campaign} campaign */
const factsOf = ({ state, start_at: start, finished_at: end, ...campaign }) =>
  [
    `created ${dateTime(campaign.created_at)} by ${campaign.created_by}`,
    state === "scheduled" && start && `starts ${dateTime(start)}`,
    campaign.launched_at && `launched ${dateTime(campaign.launched_at)} by ${campaign.launched_by}`,
    end && `${state} ${dateTime(end)}`,
  ].filter(Boolean);
