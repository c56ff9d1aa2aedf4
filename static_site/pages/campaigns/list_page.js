/** All campaigns, newest first: search and state in the address. */

import { campaigns, outcomesIn } from "../../api.js";
import { mutate, usePages } from "../../data/resource.js";
import { html } from "../../html.js";
import { navigate, useQuery } from "../../router.js";
import { mayWrite } from "../../session.js";
import { dateTime, number, share } from "../../texts/format.js";
import { texts } from "../../texts.js";
import { Badge, Button, Card, Empty, Failure, PageHeader, runAction, Skeleton, Time, toast } from "../../ui/basic.js";
import { SearchField } from "../../ui/fields.js";
import { StackedBar } from "../../ui/figures.js";
import { ask, Menu } from "../../ui/overlays.js";
import { LoadMore, Table, Tabs } from "../../ui/table.js";

const SIZE = 50;
const POLL_WHILE_ACTIVE = 3000;
const POLL = 30_000;
const DEFAULTS = { search: "", state: "all", page: "1" };

/** @type {Record<string, Api.CampaignState[]>} */
const STATES = {
  all: [],
  running: ["running", "paused"],
  scheduled: ["scheduled"],
  drafts: ["draft"],
  done: ["finished", "cancelled"],
};

/** The tab of the campaigns that were taken out of the list. */
const ARCHIVE = "archived";

/** @typedef {typeof DEFAULTS} Query */

/** @param {{me: Api.Me}} props */
export default function CampaignsPage({ me }) {
  const t = texts("campaigns");
  const [query, set] = useQuery(DEFAULTS);
  const { page: shown, ...wanted } = query;
  const isArchive = query.state === ARCHIVE;
  const filter = { search: query.search, state: STATES[query.state] ?? [], ...(isArchive && { archived: true }) };
  const pages = usePages(
    `/api/campaigns?${new URLSearchParams(wanted)}`,
    (page, signal) => campaigns.list({ ...page, ...filter }, signal),
    { size: SIZE, every: pollInterval, shown, onShown: (page) => set({ page }) },
  );
  /** @type {typeof set} Another list begins at its first page. */
  const setQuery = (changes, options) => set({ page: DEFAULTS.page, ...changes }, options);
  const { counts, archived } = /** @type {Partial<Api.CampaignPage>} */ (pages.first ?? {});
  const tabs = /** @type {const} */ (["all", "running", "scheduled", "drafts", "done"]);
  const items = tabs.map((value) => ({
    value: /** @type {string} */ (value),
    label: t.tabs[value](),
    count: counts ? number(tabCount(counts, value)) : undefined,
  }));
  if (archived || isArchive) items.push({ value: ARCHIVE, label: t.tabs.archived(), count: number(archived ?? 0) });
  return html`<div class="view">
    <${PageHeader}
      title=${t.title()}
      actions=${mayWrite(me) && html`<${Button} kind="primary" icon="plus" href="/campaigns/new">${t.create()}<//>`}
    />
    <div class="stack-view">
      <${Tabs}
        label=${t.tabs.label()} value=${query.state} onChange=${(/** @type {string} */ state) => setQuery({ state }, { push: true })}
        items=${items}
      />
      <div class="filter-bar">
        <${SearchField} label=${t.search()} value=${query.search} onChange=${(/** @type {string} */ search) => setQuery({ search })} />
      </div>
      <${Card} label=${t.title()} isFlush>
        <${List} ...${{ me, pages, query }} onReset=${() => setQuery(DEFAULTS)} />
      <//>
    </div>
  </div>`;
}

/**
 * The number of campaigns in a tab.
 *
 * @param {Partial<Record<Api.CampaignState, number>>} counts
 * @param {string} tab
 */
export function tabCount(counts, tab) {
  const states = STATES[tab]?.length ? STATES[tab] : /** @type {Api.CampaignState[]} */ (Object.keys(counts));
  return states.reduce((sum, state) => sum + (counts[state] ?? 0), 0);
}

/**
 * @param {{
 *   me: Api.Me, pages: import("../../data/resource.js").Pages<Api.Campaign>, query: Query, onReset: () => unknown,
 * }} props
 */
function List({ me, pages, query, onReset }) {
  const t = texts("campaigns");
  if (!pages.items) {
    return pages.error
      ? html`<${Failure} error=${pages.error} retry=${pages.reload} />`
      : html`<${Skeleton} rows=${8} />`;
  }
  const more = html`<${LoadMore} pages=${pages} />`;
  if (!(pages.items.length || query.search || query.state !== "all")) return html`<${NoCampaigns} me=${me} />`;
  if (!pages.items.length) {
    return html`<${Empty} icon="search" title=${t.noMatch.title()} text=${t.noMatch.text()}>
      <${Button} onClick=${onReset}>${t.showAll()}<//>
    <//>${more}`;
  }
  return html`<${Table}
    caption=${t.title()} columns=${columns(me)} rows=${pages.items} isOld=${pages.isOld}
    rowKey=${(/** @type {Api.Campaign} */ { id }) => id} href=${(/** @type {Api.Campaign} */ campaign) => address(campaign, me)}
  />${more}`;
}

/**
 * A draft is edited; everything else is looked at.
 *
 * @param {Pick<Api.Campaign, "id" | "state">} campaign
 * @param {Api.Me} me
 */
const address = ({ id, state }, me) =>
  `/campaigns/${encodeURIComponent(id)}${state === "draft" && mayWrite(me) ? "/edit" : ""}`;

/** @param {{me: Api.Me}} props */
function NoCampaigns({ me }) {
  const { empty, create } = texts("campaigns");
  if (!mayWrite(me)) return html`<${Empty} icon="send" title=${empty.title()} text=${empty.viewer()} />`;
  return html`<${Empty} icon="send" title=${empty.title()} text=${empty.text()}>
    <${Button} kind="primary" icon="plus" href="/campaigns/new">${create()}<//>
  <//>`;
}

/**
 * Often while a campaign changes, rarely otherwise.
 *
 * @param {Api.Page<Api.Campaign> | undefined} page
 */
const pollInterval = (page) => (page?.items.some((campaign) => isActive(campaign)) ? POLL_WHILE_ACTIVE : POLL);

/**
 * Whether the state of a campaign can change soon.
 *
 * @param {Pick<Api.Campaign, "state" | "start_at" | "finished_at">} campaign
 */
export function isActive({ state, start_at: start, finished_at: finished }, now = Date.now()) {
  if (state === "scheduled") return start !== null && Date.parse(start) <= now + POLL;
  return state === "running" || (state === "cancelled" && !finished);
}

/**
 * @param {Api.Me} me
 * @returns {import("../../ui/table.js").Column<Api.Campaign>[]}
 */
function columns(me) {
  const { columns: names, audience, noName, nobody } = texts("campaigns");
  /** @type {import("../../ui/table.js").Column<Api.Campaign>[]} */
  const shown = [
    { title: names.name(), phone: "title", cell: ({ name }) => html`<bdi class="clamped">${name || noName()}</bdi>` },
    {
      title: names.state(),
      phone: mayWrite(me) ? undefined : "aside",
      cell: ({ state }) => html`<${Badge} state=${state} />`,
    },
    {
      title: names.audience(),
      phone: "end",
      isNumber: true,
      cell: ({ totals }) => totals && (totals.audience ? audience(totals.audience) : nobody()),
    },
    { title: names.results(), phone: "line", cell: (campaign) => html`<${Results} campaign=${campaign} />` },
    { title: names.sent(), isNumber: true, cell: ({ totals }) => totals && share(totals.sent, totals.audience) },
    { title: names.created(), cell: (campaign) => html`<${When} campaign=${campaign} />` },
  ];
  return mayWrite(me)
    ? [...shown, { title: names.actions(), isTitleHidden: true, phone: "aside", cell: rowMenu }]
    : shown;
}

/** @param {Api.Campaign} campaign */
const rowMenu = ({ id, name, state, archived }) => {
  const t = texts("campaigns");
  const label = t.actionsFor(name || t.noName());
  /** @type {import("../../ui/overlays.js").MenuItem[]} */
  const items = [{ label: t.copy(), icon: "copy", onSelect: () => runAction(() => copy(id)) }];
  if (archived) items.push({ label: t.restore(), icon: "archive", onSelect: () => runAction(() => restore(id)) });
  else if (IS_OVER.includes(state))
    items.push({ label: t.archive(), icon: "archive", onSelect: () => runAction(() => archive(id, name)) });
  const remove = () => runAction(() => removeDraft(id, name || t.noName()));
  if (state === "draft") items.push({ label: t.remove(), icon: "trash", isDanger: true, onSelect: remove });
  return html`<span class="row-end"><${Badge} state=${state} /><${Menu} label=${label} items=${items} /></span>`;
};

/** @param {string} id */
async function copy(id) {
  const { id: other } = await mutate(() => campaigns.copy(id), "/api/campaigns");
  navigate(`/campaigns/${other}/edit`, { notice: texts("campaigns").copied() });
}

/** @type {Api.CampaignState[]} */
const IS_OVER = ["finished", "cancelled"];

/** @param {string} id */
const restore = (id) => mutate(() => campaigns.move(id, "restore"), "/api/campaigns");

/**
 * @param {string} id
 * @param {string} name
 */
async function archive(id, name) {
  const t = texts("campaigns");
  await mutate(() => campaigns.move(id, "archive"), "/api/campaigns");
  toast(t.archived(name || t.noName()), { undo: () => restore(id) });
}

/**
 * @param {string} id
 * @param {string} name
 */
async function removeDraft(id, name) {
  const { removing } = texts("campaigns");
  const isSure = await ask({
    title: removing.title(name),
    text: removing.text(),
    confirm: removing.confirm(),
    isDanger: true,
  });
  if (!isSure) return;
  await mutate(() => campaigns.removeDraft(id), "/api/campaigns");
  toast(removing.done(name));
}

/** @param {{campaign: Api.Campaign}} props */
function Results({ campaign: { name, totals } }) {
  const { states, nothing } = texts();
  if (!totals) return html`<span class="muted">${nothing()}</span>`;
  const parts = outcomesIn(totals).map((key) => ({ key, label: states[key](), value: totals[key] }));
  return html`<${StackedBar} label=${texts("campaigns").results(name)} parts=${parts} />`;
}

/** @param {{campaign: Api.Campaign}} props */
const When = ({ campaign: { state, start_at: start, created_at: created } }) =>
  state === "scheduled" && start
    ? html`<span>${texts("campaigns").startsAt(dateTime(start))}</span>`
    : html`<${Time} at=${created} />`;
