/** All campaigns, newest first. */

import { campaigns } from "../api.js";
import { el, heading } from "../dom.js";
import { moment, number } from "../format.js";
import { PagedList } from "../paged.js";
import { mayWrite } from "../session.js";
import { empty } from "../states.js";
import { table } from "../table.js";
import { stateBadge } from "./badges.js";

const LIMIT = 25;

export function campaignsPage({ me, signal }) {
  const list = new PagedList({
    load: (after, current) => campaigns.list({ after, limit: LIMIT }, current),
    render: campaignTable,
    whenEmpty: () => noCampaigns(me),
    signal,
  });
  list.reload();
  return el(
    "div",
    { class: "page" },
    el("div", { class: "page-header" }, heading("Campaigns"), mayWrite(me) && newCampaign()),
    el("section", { class: "panel flush", "aria-label": "All campaigns" }, list.element),
  );
}

const newCampaign = () => el("a", { class: "button primary", href: "/campaigns/new" }, "New campaign");

const noCampaigns = (me) =>
  mayWrite(me)
    ? empty("No campaign yet. Describe an audience, write one message, and everyone in it gets their own.")
    : empty("No campaign yet.");

const total = (title, kind) => ({
  title,
  isNumber: true,
  cell: ({ totals }) => totals && number(totals[kind]),
});

const COLUMNS = [
  { title: "Name", cell: ({ id, name }) => el("a", { href: `/campaigns/${encodeURIComponent(id)}` }, name) },
  { title: "State", cell: ({ state }) => stateBadge(state) },
  total("Audience", "audience"),
  total("Sent", "sent"),
  total("Failed", "failed"),
  total("Skipped", "skipped"),
  total("Pending", "pending"),
  { title: "Created", cell: ({ created_at: at }) => el("time", { datetime: at }, moment(at)) },
];

const campaignTable = (rows) => table({ caption: "Campaigns, newest first", columns: COLUMNS, rows });
