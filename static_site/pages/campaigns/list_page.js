/** All campaigns, newest first. */

import { campaigns } from "../../api.js";
import { poll } from "../../data/polling.js";
import { mayWrite } from "../../session.js";
import { dateTime, number } from "../../texts/format.js";
import { stateBadge } from "../../ui/badges.js";
import { el, heading } from "../../ui/dom.js";
import { PagedList } from "../../ui/paged_list.js";
import { empty } from "../../ui/states.js";
import { table } from "../../ui/table.js";

const LIMIT = 25;
const POLL_WHILE_ACTIVE = 3000;
const POLL = 30_000;

/** @param {Ui.PageOptions} options */
export function campaignsPage({ me, signal }) {
  const list = new PagedList({
    load: (after, current, atLeast) => campaigns.list({ after, limit: Math.max(LIMIT, atLeast) }, current),
    render: campaignTable,
    renderEmpty: () => noCampaigns(me),
    signal,
  });
  const step = async () => {
    await list.refresh();
    return list.items.some((campaign) => isActive(campaign)) ? POLL_WHILE_ACTIVE : POLL;
  };
  poll(step, { signal });
  return el(
    "div",
    { class: "page" },
    el("div", { class: "page-header" }, heading("Campaigns"), mayWrite(me) && newCampaignLink()),
    el("section", { class: "panel flush", "aria-label": "All campaigns" }, list.element),
  );
}

/**
 * Whether the state of a campaign can change soon.
 *
 * @param {Api.Campaign} campaign
 */
function isActive({ state, start_at: start, finished_at: finished }, now = Date.now()) {
  if (state === "scheduled") return start !== null && Date.parse(start) <= now + POLL;
  return state === "running" || (state === "cancelled" && !finished);
}

const newCampaignLink = () => el("a", { class: "button primary", href: "/campaigns/new" }, "New campaign");

/** @param {Api.Me} me */
const noCampaigns = (me) =>
  mayWrite(me)
    ? empty("There is no campaign yet. Choose an audience and write one message: each person gets a personal text.")
    : empty("There is no campaign yet.");

/**
 * @param {string} title
 * @param {"audience" | Api.Outcome} kind
 * @returns {Ui.Column<Api.Campaign>}
 */
const totalColumn = (title, kind) => ({
  title,
  isNumber: true,
  cell: ({ totals }) => totals && number(totals[kind]),
});

/** @type {Ui.Column<Api.Campaign>[]} */
const COLUMNS = [
  { title: "Name", cell: ({ id, name }) => el("a", { href: `/campaigns/${encodeURIComponent(id)}` }, name) },
  { title: "State", cell: ({ state }) => stateBadge(state) },
  totalColumn("Audience", "audience"),
  totalColumn("Sent", "sent"),
  totalColumn("Failed", "failed"),
  totalColumn("Skipped", "skipped"),
  totalColumn("Pending", "pending"),
  { title: "Created", cell: ({ created_at: at }) => el("time", { datetime: at }, dateTime(at)) },
];

/** @param {Api.Campaign[]} rows */
const campaignTable = (rows) => table({ caption: "Campaigns, newest first", columns: COLUMNS, rows });
