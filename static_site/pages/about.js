/** What a campaign is: whom it is for, what it says, how it goes out. */

import { el } from "../dom.js";
import { number } from "../format.js";
import { panel } from "../states.js";

const PERSONALIZATIONS = {
  gemini: "Gemini writes each person's text",
  template: "the template, with fields filled in",
};

export const aboutPanel = (campaign) =>
  panel(
    "About this campaign",
    {},
    el(
      "dl",
      { class: "about" },
      ...entry(
        "Audience",
        el("span", { class: "words" }, campaign.words),
        campaign.text && el("code", {}, campaign.text),
      ),
      ...entry("Subject", campaign.message.subject),
      ...entry("Message", el("span", { class: "body-text" }, campaign.message.body)),
      ...entry("Texts by", PERSONALIZATIONS[campaign.personalization] ?? campaign.personalization),
      ...entry("Sent by", `${campaign.channel}, ${campaign.vendor}`),
      ...(campaign.per_minute ? entry("Pace", `at most ${number(campaign.per_minute)} a minute`) : []),
    ),
  );

const entry = (term, ...description) => [el("dt", {}, term), el("dd", {}, ...description)];
