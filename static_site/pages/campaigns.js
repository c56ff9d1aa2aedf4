/** All campaigns, newest first. */

import { campaigns } from "../api.js";
import { el, heading } from "../dom.js";
import { moment, number } from "../format.js";
import { PagedList } from "../paged.js";
import { poll } from "../poll.js";
import { mayWrite } from "../session.js";
import { empty } from "../states.js";
import { table } from "../table.js";
import { stateBadge } from "./badges.js";

const LIMIT = 25;
const WAIT_WHILE_MOVING = 3000;
const WAIT = 30_000;

export function campaignsPage({ me, signal }) {
  const list = new PagedList({
    load: (after, current, atLeast) => campaigns.list({ after, limit: Math.max(LIMIT, atLeast) }, current),
    render: campaignTable,
    whenEmpty: () => noCampaigns(me),
    signal,
  });
  const step = async () => {
    await list.refresh();
    return list.items.some((campaign) => moves(campaign)) ? WAIT_WHILE_MOVING : WAIT;
  };
  poll(step, { signal });
  return el(
    "div",
    { class: "page" },
    el("div", { class: "page-header" }, heading("Campaigns"), mayWrite(me) && newCampaign()),
    el("section", { class: "panel flush", "aria-label": "All campaigns" }, list.element),
  );
}

/** Its state may change by itself any moment. */
function moves({ state, start_at: start, finished_at: finished }, now = Date.now()) {
  if (state === "scheduled") return new Date(start) <= now + WAIT;
  return state === "running" || (state === "cancelled" && !finished);
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
