/** A few campaigns with their results as bars; each row is a link. */

import { outcomesIn } from "../../data/outcomes.js";
import { html } from "../../html.js";
import { dateTime } from "../../texts/format.js";
import { texts } from "../../texts.js";
import { Badge, Time } from "../../ui/basic.js";
import { StackedBar } from "../../ui/figures.js";
import { Table } from "../../ui/table.js";

/** @param {{caption: string, campaigns: Api.Campaign[]}} props */
export const CampaignTable = ({ caption, campaigns }) => html`<${Table}
  caption=${caption} columns=${columns()} rows=${campaigns}
  rowKey=${(/** @type {Api.Campaign} */ { id }) => id}
  href=${(/** @type {Api.Campaign} */ { id }) => `/campaigns/${id}`}
/>`;

/** @returns {import("../../ui/table.js").Column<Api.Campaign>[]} */
function columns() {
  const t = texts("home");
  return [
    { title: t.now.name(), phone: "title", cell: ({ name }) => html`<bdi class="clamped">${name || t.noName()}</bdi>` },
    { title: t.now.state(), phone: "aside", cell: ({ state }) => html`<${Badge} state=${state} />` },
    { title: t.now.results(), phone: "line", cell: (campaign) => html`<${Results} campaign=${campaign} />` },
    {
      title: t.now.progress(),
      phone: "end",
      isNumber: true,
      cell: ({ totals }) => totals && t.people(totals.audience),
    },
    { title: t.now.when(), cell: (campaign) => html`<${When} campaign=${campaign} />` },
  ];
}

/** @param {{campaign: Api.Campaign}} props */
function Results({ campaign: { name, totals, start_at: start, state } }) {
  const t = texts("home");
  if (!totals)
    return html`<span class="muted">${state === "scheduled" && start ? t.startsAt(dateTime(start)) : texts().nothing()}</span>`;
  const parts = outcomesIn(totals).map((key) => ({ key, label: texts().states[key](), value: totals[key] }));
  return html`<${StackedBar} label=${t.resultsOf(name)} parts=${parts} />`;
}

/** @param {{campaign: Api.Campaign}} props */
function When({ campaign: { state, start_at: start, launched_at: launched, created_at: created } }) {
  if (state === "scheduled" && start) return html`<span>${texts("home").startsAt(dateTime(start))}</span>`;
  return html`<${Time} at=${launched ?? created} />`;
}
