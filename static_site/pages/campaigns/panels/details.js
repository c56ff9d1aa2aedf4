/** The settings of a campaign: its audience, its message, and how it is sent. */

import { el } from "../../../dom/dom.js";
import { panel } from "../../../dom/states.js";
import { plural } from "../../../texts/format.js";

/** @type {Record<string, string>} */
const PERSONALIZATIONS = {
  gemini: "Gemini writes a text for each person",
  template: "Template with the fields filled in",
};

/** @param {Api.Campaign} campaign */
export const detailsPanel = (campaign) =>
  panel(
    "Details",
    {},
    el(
      "dl",
      { class: "details" },
      ...entry(
        "Audience",
        el("span", { class: "description" }, campaign.rule?.description),
        campaign.rule?.text && el("code", {}, campaign.rule?.text),
      ),
      ...entry("Subject", campaign.message.subject),
      ...entry("Message", el("span", { class: "body-text" }, campaign.message.body)),
      ...entry("Personalization", PERSONALIZATIONS[campaign.personalization] ?? campaign.personalization),
      ...entry("Sent through", `${campaign.channel}, ${campaign.vendor}`),
      ...(campaign.per_minute ? entry("Rate limit", `${plural(campaign.per_minute, "message")} per minute`) : []),
    ),
  );

/**
 * @param {string} term
 * @param {...Ui.Child} description
 */
const entry = (term, ...description) => [el("dt", {}, term), el("dd", {}, ...description)];
