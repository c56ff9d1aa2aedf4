/** All campaigns, newest first: search and state in the address. */

import { campaigns } from "../../api.js";
import { usePages } from "../../data/resource.js";
import { html } from "../../html.js";
import { useQuery } from "../../router.js";
import { mayWrite } from "../../session.js";
import { dateTime, number } from "../../texts/format.js";
import { texts } from "../../texts.js";
import { Badge, Button, Card, Empty, Failure, PageHeader, Skeleton, Time } from "../../ui/basic.js";
import { SearchField } from "../../ui/fields.js";
import { StackedBar } from "../../ui/figures.js";
import { LoadMore, Table, Tabs } from "../../ui/table.js";

const SIZE = 200; // search and tabs choose among the campaigns that are loaded
const POLL_WHILE_ACTIVE = 3000;
const POLL = 30_000;

/** @type {Record<string, Api.CampaignState[]>} */
const STATES = {
  active: ["running", "paused", "scheduled"],
  drafts: ["draft"],
  done: ["finished", "cancelled"],
};

/** @type {Api.Outcome[]} */
const OUTCOMES = ["sent", "failed", "skipped", "pending"];

/** @param {{me: Api.Me}} props */
export default function CampaignsPage({ me }) {
  const t = texts("campaigns");
  const [query, setQuery] = useQuery({ search: "", state: "all" });
  const pages = usePages("/api/campaigns", campaigns.list, { size: SIZE, every: pollInterval });
  const tabs = /** @type {const} */ (["all", "active", "drafts", "done"]);
  return html`<div class="view">
    <${PageHeader}
      title=${t.title()}
      actions=${mayWrite(me) && html`<${Button} kind="primary" icon="plus" href="/campaigns/new">${t.create()}<//>`}
    />
    <div class="stack-view">
      <${Tabs}
        label=${t.tabs.label()} value=${query.state} onChange=${(/** @type {string} */ state) => setQuery({ state }, { push: true })}
        items=${tabs.map((value) => ({ value, label: t.tabs[value](), count: tabCount(pages.items, value) }))}
      />
      <div class="filter-bar">
        <${SearchField} label=${t.search()} value=${query.search} onChange=${(/** @type {string} */ search) => setQuery({ search })} />
      </div>
      <${Card} label=${t.title()} isFlush>
        <${List} ...${{ me, pages, query }} onReset=${() => setQuery({ search: "", state: "all" })} />
      <//>
    </div>
  </div>`;
}

/**
 * @param {{
 *   me: Api.Me, pages: import("../../data/resource.js").Pages<Api.Campaign>, query: {search: string, state: string},
 *   onReset: () => unknown,
 * }} props
 */
function List({ me, pages, query, onReset }) {
  const t = texts("campaigns");
  if (!pages.items) {
    return pages.error
      ? html`<${Failure} error=${pages.error} retry=${pages.reload} />`
      : html`<${Skeleton} rows=${8} />`;
  }
  if (!pages.items.length) return html`<${NoCampaigns} me=${me} />`;
  const rows = pages.items.filter((campaign) => isChosen(campaign, query));
  const more = html`<${LoadMore} pages=${pages} />`;
  if (!rows.length) {
    return html`<${Empty} icon="search" title=${t.noMatch.title()} text=${t.noMatch.text()}>
      <${Button} onClick=${onReset}>${t.showAll()}<//>
    <//>${more}`;
  }
  return html`<${Table}
    caption=${t.title()} columns=${columns()} rows=${rows}
    rowKey=${(/** @type {Api.Campaign} */ { id }) => id}
    href=${(/** @type {Api.Campaign} */ { id }) => `/campaigns/${encodeURIComponent(id)}`}
  />${more}`;
}

/** @param {{me: Api.Me}} props */
function NoCampaigns({ me }) {
  const { empty, create } = texts("campaigns");
  if (!mayWrite(me)) return html`<${Empty} icon="send" title=${empty.title()} text=${empty.viewer()} />`;
  return html`<${Empty} icon="send" title=${empty.title()} text=${empty.text()}>
    <${Button} kind="primary" icon="plus" href="/campaigns/new">${create()}<//>
  <//>`;
}

/**
 * @param {Api.Campaign} campaign
 * @param {{search: string, state: string}} query
 */
export function isChosen({ name, state }, { search, state: tab }) {
  const words = search.toLocaleLowerCase().split(/\s+/);
  const isInTab = STATES[tab]?.includes(state) ?? true;
  return isInTab && words.every((word) => name.toLocaleLowerCase().includes(word));
}

/**
 * @param {Api.Campaign[] | undefined} items
 * @param {string} state
 */
const tabCount = (items, state) =>
  items && number(items.filter((item) => isChosen(item, { search: "", state })).length);

/**
 * Often while a campaign changes, rarely otherwise.
 *
 * @param {Api.Page<Api.Campaign> | undefined} page
 */
const pollInterval = (page) => (page?.items.some((campaign) => isActive(campaign)) ? POLL_WHILE_ACTIVE : POLL);

/**
 * Whether the state of a campaign can change soon.
 *
 * @param {Api.Campaign} campaign
 */
function isActive({ state, start_at: start, finished_at: finished }, now = Date.now()) {
  if (state === "scheduled") return start !== null && Date.parse(start) <= now + POLL;
  return state === "running" || (state === "cancelled" && !finished);
}

/** @returns {import("../../ui/table.js").Column<Api.Campaign>[]} */
function columns() {
  const { columns: names, audience } = texts("campaigns");
  return [
    { title: names.name(), phone: "title", cell: ({ name }) => html`<bdi class="clamped">${name}</bdi>` },
    { title: names.state(), phone: "aside", cell: ({ state }) => html`<${Badge} state=${state} />` },
    {
      title: names.audience(),
      phone: "end",
      isNumber: true,
      cell: ({ totals }) => totals && audience(totals.audience),
    },
    { title: names.results(), cell: (campaign) => html`<${Results} campaign=${campaign} />` },
    { title: names.created(), phone: "line", cell: (campaign) => html`<${When} campaign=${campaign} />` },
  ];
}

/** @param {{campaign: Api.Campaign}} props */
function Results({ campaign: { name, totals } }) {
  const { states, nothing } = texts();
  if (!totals) return html`<span class="muted">${nothing()}</span>`;
  const parts = OUTCOMES.map((key) => ({ key, label: states[key](), value: totals[key] }));
  return html`<${StackedBar} label=${texts("campaigns").results(name)} parts=${parts} />`;
}

/** @param {{campaign: Api.Campaign}} props */
const When = ({ campaign: { state, start_at: start, created_at: created } }) =>
  state === "scheduled" && start
    ? html`<span>${texts("campaigns").startsAt(dateTime(start))}</span>`
    : html`<${Time} at=${created} />`;
