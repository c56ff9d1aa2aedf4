/** The people of a campaign: one line each, and a sheet with the text, the history and why. */

import { campaigns, OUTCOMES } from "../../api.js";
import { usePages } from "../../data/resource.js";
import { html, useState } from "../../html.js";
import { useQuery } from "../../router.js";
import { number } from "../../texts/format.js";
import { texts } from "../../texts.js";
import { Badge, Button, Card, Empty, Failure, Person, Skeleton } from "../../ui/basic.js";
import { SearchField } from "../../ui/fields.js";
import { LoadMore, Table, Tabs } from "../../ui/table.js";
import { PersonSheet } from "./person_sheet.js";
import { causeText, isChanging } from "./standing.js";

export const PEOPLE_DEFAULTS = { state: "", reason: "", search: "" };
const SIZE = 20;
const POLL_WHILE_ACTIVE = 4000;
const POLL = 60_000;

/** @typedef {typeof PEOPLE_DEFAULTS} Query */

/** @param {{campaign: Api.Campaign, statistics: Api.Statistics}} props */
export function PeopleCard({ campaign, statistics }) {
  const t = texts("campaign");
  const [query, setQuery] = useQuery(PEOPLE_DEFAULTS);
  const [opened, setOpened] = useState(/** @type {string | null} */ (null));
  const pages = usePages(
    `/api/campaigns/${campaign.id}/messages?${new URLSearchParams(query)}`,
    (page, signal) => campaigns.messages(campaign.id, { ...page, ...query }, signal),
    { size: SIZE, every: () => (isChanging(statistics) ? POLL_WHILE_ACTIVE : POLL) },
  );
  return html`<section id="people" tabindex="-1" aria-label=${t.list.title()} class="stack-view">
    <h2 class="section-title">${t.list.title()}</h2>
    <${Filters} ...${{ query, setQuery, statistics }} />
    <${Card} isFlush>
      <${List} ...${{ pages, query, setQuery }} onOpen=${(/** @type {Api.Message} */ { customer_id: id }) => setOpened(id)} />
    <//>
    ${opened && html`<${PersonSheet} campaign=${campaign} customer=${opened} onClose=${() => setOpened(null)} />`}
  </section>`;
}

/** @param {{query: Query, setQuery: (changes: Partial<Query>) => void, statistics: Api.Statistics}} props */
function Filters({ query, setQuery, statistics }) {
  const t = texts("campaign");
  const tabs = [
    { value: "", label: t.list.everyone(), count: number(statistics.audience) },
    ...OUTCOMES.filter((state) => state !== "unknown" || statistics.unknown || query.state === state).map((value) => ({
      value,
      label: t.kinds[value](),
      count: number(statistics[value]),
    })),
  ];
  return html`
    <${Tabs} label=${t.list.tabs()} value=${query.state} items=${tabs} onChange=${(/** @type {string} */ state) => setQuery({ state, reason: "" })} />
    <div class="filter-bar">
      <${SearchField}
        label=${t.list.search()} placeholder=${t.list.searchHint()} value=${query.search}
        onChange=${(/** @type {string} */ search) => setQuery({ search })}
      />
      ${query.reason && html`<${ReasonChip} ...${{ query, setQuery, statistics }} />`}
    </div>`;
}

/** @param {{query: Query, setQuery: (changes: Partial<Query>) => void, statistics: Api.Statistics}} props */
function ReasonChip({ query: { reason }, setQuery, statistics }) {
  const t = texts("campaign");
  const code = statistics.failed_reasons.find((one) => one.reason === reason)?.code ?? reason;
  return html`<span class="reason-chip">
    <span>${t.list.reason(causeText(t, code, reason))}</span>
    <${Button} kind="quiet" icon="x" isSmall label=${t.list.clearReason()} onClick=${() => setQuery({ reason: "" })} />
  </span>`;
}

/**
 * @param {{
 *   pages: import("../../data/resource.js").Pages<Api.Message>, query: Query,
 *   setQuery: (changes: Partial<Query>) => void, onOpen: (message: Api.Message) => unknown,
 * }} props
 */
function List({ pages, query, setQuery, onOpen }) {
  const t = texts("campaign");
  if (pages.error && !pages.items) return html`<${Failure} error=${pages.error} retry=${pages.reload} />`;
  if (!pages.items) return html`<${Skeleton} rows=${6} />`;
  if (!pages.items.length && pages.hasMore)
    return html`<p class="list-note">${t.list.moreBelow()}</p><${LoadMore} pages=${pages} />`;
  if (!pages.items.length && (query.search || query.state || query.reason)) {
    return html`<${Empty} icon="search" title=${t.list.noMatch()} text=${t.list.noMatchText()}>
      <${Button} onClick=${() => setQuery(PEOPLE_DEFAULTS)}>${t.list.showAll()}<//>
    <//>`;
  }
  if (!pages.items.length) return html`<${Empty} icon="people" title=${t.list.none()} text=${t.list.noneText()} />`;
  return html`<${Table}
    caption=${t.list.title()} columns=${columns()} rows=${pages.items} isOld=${pages.isOld} onOpen=${onOpen}
    rowKey=${(/** @type {Api.Message} */ { message_id: id }) => id}
  /><${LoadMore} pages=${pages} />`;
}

/** @returns {import("../../ui/table.js").Column<Api.Message>[]} */
function columns() {
  const t = texts("campaign");
  return [
    { title: t.list.name(), phone: "title", cell: ({ name }) => html`<${Person} name=${name} />` },
    { title: t.list.to(), phone: "line", cell: ({ to }) => to && html`<bdi class="clamped">${to}</bdi>` },
    { title: t.list.state(), phone: "aside", cell: ({ state }) => html`<${Badge} state=${state} />` },
    {
      title: t.list.why(),
      phone: "end",
      cell: ({ cause, reason }) =>
        reason && html`<span class="clamped sentence">${causeText(t, cause?.code ?? reason, reason)}</span>`,
    },
    { title: t.list.by(), cell: ({ personalized_by: by }) => by && authorText(by) },
  ];
}

/** @param {string} by */
const authorText = (by) => {
  const { by: names } = texts("campaign");
  return by === "gemini" || by === "template" ? names[by]() : by;
};
