/** Customers who share an address, and may be one person: each group with a button that merges two of them. */

import { customers } from "../../api.js";
import { usePages } from "../../data/resource.js";
import { html, useState } from "../../html.js";
import { day, money } from "../../texts/format.js";
import { texts } from "../../texts.js";
import { Badge, Button, Card, Empty, Failure, PageHeader, Person, Skeleton } from "../../ui/basic.js";
import { LoadMore, Table } from "../../ui/table.js";
import { MergeDialog } from "./merge_dialog.js";

/** @typedef {{keep: Api.DuplicateCustomer, merge: Api.DuplicateCustomer}} Pair */
/** @typedef {(pair: Pair) => unknown} OnMerge */

/** @param {{me: Api.Me}} props */
export default function DuplicatesPage({ me }) {
  const t = texts("duplicates");
  const pages = usePages("/api/customers/duplicates", (page, signal) => customers.duplicates(page, signal));
  const [pair, setPair] = useState(/** @type {Pair | null} */ (null));
  return html`<div class="view">
    <${PageHeader} title=${t.title()} lead=${t.lead()} back=${{ href: "/customers", label: t.all() }} />
    <div class="stack-view"><${Groups} pages=${pages} currency=${me.currency} onMerge=${setPair} /></div>
    ${pair && html`<${MergeDialog} ...${pair} onClose=${() => setPair(null)} />`}
  </div>`;
}

/** @param {{pages: import("../../data/resource.js").Pages<Api.DuplicateGroup>, currency: string, onMerge: OnMerge}} props */
function Groups({ pages, currency, onMerge }) {
  const t = texts("duplicates");
  if (pages.error) return html`<${Failure} error=${pages.error} retry=${pages.reload} />`;
  if (!pages.items) return html`<${Skeleton} rows=${6} />`;
  if (!pages.items.length) {
    return html`<${Card} label=${t.title()}><${Empty} icon="people" title=${t.empty.title()} text=${t.empty.text()} /><//>`;
  }
  return html`
    ${pages.items.map((group) => html`<${Group} key=${group.kind + group.address} ...${{ group, currency, onMerge }} />`)}
    <${LoadMore} pages=${pages} />`;
}

/** @param {{group: Api.DuplicateGroup, currency: string, onMerge: OnMerge}} props */
function Group({ group: { address, total, customers: people }, currency, onMerge }) {
  const t = texts("duplicates");
  const [chosen, choose] = useState(people[0].id);
  const keep = people.find(({ id }) => id === chosen) ?? people[0];
  const hidden = total - people.length;
  return html`<${Card} title=${address} isFlush>
    <${Table}
      caption=${t.group(total, address)} columns=${columns({ keep, currency, choose, onMerge })} rows=${people}
      rowKey=${(/** @type {Api.DuplicateCustomer} */ { id }) => id}
      href=${(/** @type {Api.DuplicateCustomer} */ { id }) => `/customers/${encodeURIComponent(id)}`}
    />
    ${hidden > 0 && html`<p class="form-hint table-note">${t.more(hidden)}</p>`}
  <//>`;
}

/**
 * @param {{keep: Api.DuplicateCustomer, currency: string, choose: (id: string) => void, onMerge: OnMerge}} props
 * @returns {import("../../ui/table.js").Column<Api.DuplicateCustomer>[]}
 */
function columns({ keep, currency, choose, onMerge }) {
  const { columns: t } = texts("duplicates");
  return [
    { title: t.name(), phone: "title", size: 5, cell: ({ name }) => html`<${Person} name=${name} />` },
    {
      title: t.id(),
      size: 3,
      isWide: true,
      cell: ({ external_id: id }) => id && html`<bdi class="clamped">${id}</bdi>`,
    },
    { title: t.orders(), size: 2, isNumber: true, cell: ({ orders }) => orders },
    { title: t.spend(), phone: "aside", size: 3, isNumber: true, cell: ({ spend }) => money(spend, currency) },
    { title: t.created(), phone: "line", size: 3, cell: ({ created_at: at }) => day(at) },
    {
      title: texts().actions.more(),
      isTitleHidden: true,
      phone: "end",
      size: 5,
      cell: (one) => html`<${Actions} ...${{ one, keep, choose, onMerge }} />`,
    },
  ];
}

/**
 * @param {{
 *   one: Api.DuplicateCustomer, keep: Api.DuplicateCustomer, choose: (id: string) => void, onMerge: OnMerge,
 * }} props
 */
function Actions({ one, keep, choose, onMerge }) {
  const t = texts("duplicates");
  if (one.id === keep.id) return html`<${Badge} tone="good">${t.stays()}<//>`;
  return html`<span class="button-row">
    <${Button} isSmall kind="quiet" onClick=${() => choose(one.id)}>${t.keep()}<//>
    <${Button} isSmall onClick=${() => onMerge({ keep, merge: one })}>${t.merge()}<//>
  </span>`;
}
