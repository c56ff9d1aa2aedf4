/** All customers, or those that match a search or a rule: everything is in the address. */

import { ApiError, customers } from "../../api.js";
import { beginCampaign } from "../../data/begin_campaign.js";
import { download } from "../../data/download.js";
import { usePages } from "../../data/resource.js";
import { html, useEffect, useState } from "../../html.js";
import { useQuery } from "../../router.js";
import { mayWrite } from "../../session.js";
import { money, number } from "../../texts/format.js";
import { fieldErrorText, texts } from "../../texts.js";
import { Button, Card, Empty, Failure, PageHeader, Person, runAction, Skeleton, Time } from "../../ui/basic.js";
import { Field, SearchField, Select } from "../../ui/fields.js";
import { Menu } from "../../ui/overlays.js";
import { LoadMore, Table } from "../../ui/table.js";
import { CustomerForm } from "./customer_form.js";
import { SelectionBar } from "./selection.js";

const SIZE = 50;
const DEFAULTS = { search: "", sort: "-created_at", filter: "", page: "1" };

/** @typedef {typeof DEFAULTS} Query */
/** @typedef {import("../../data/resource.js").Pages<Api.Customer>} Customers */

/** @param {{me: Api.Me}} props */
export default function CustomersPage({ me }) {
  const t = texts("customers");
  const [query, set] = useQuery(DEFAULTS);
  const [isAdding, setIsAdding] = useState(false);
  const add = () => setIsAdding(true);
  const { page: shown, ...wanted } = query;
  const pages = usePages(
    `/api/customers?${new URLSearchParams(wanted)}`,
    (page, signal) => customers.list({ ...page, ...wanted }, signal),
    { size: SIZE, shown, onShown: (page) => set({ page }) },
  );
  /** @param {Partial<Query>} changes Another list begins at its first page. */
  const setQuery = (changes) => set({ page: DEFAULTS.page, ...changes });
  return html`<div class="view">
    <${PageHeader} title=${t.title()} actions=${html`<${HeadActions} ...${{ me, query, pages }} onAdd=${add} />`} />
    <div class="stack-view">
      <${Filters} ...${{ query, setQuery, pages }} />
      <${Card} label=${t.title()} isFlush><${List} ...${{ me, query, setQuery, pages }} onAdd=${add} /><//>
    </div>
    ${isAdding && html`<${CustomerForm} onClose=${() => setIsAdding(false)} />`}
  </div>`;
}

/** @param {{me: Api.Me, query: Query, pages: Customers, onAdd: () => unknown}} props */
const HeadActions = ({ me, query, pages, onAdd }) => html`
  ${mayWrite(me) && html`<${Actions} onAdd=${onAdd} />`}
  <${ListMenu} ...${{ me, query }} total=${pages.first?.forgave_typos ? 0 : totalOf(pages)} />`;

/** @param {Customers} pages */
const totalOf = ({ first, items = [] }) => first?.total ?? items.length;

/** @param {{me: Api.Me, query: Query, total: number}} props */
function ListMenu({ me, query, total }) {
  const { navigation, actions } = texts();
  /** @type {import("../../ui/overlays.js").MenuItem} */
  const suppressed = { label: navigation.suppressions(), icon: "ban", href: "/suppressions" };
  const items = mayWrite(me) ? [suppressed, ...writersItems(query, total)] : [suppressed];
  return html`<${Menu} label=${actions.more()} items=${items} />`;
}

/**
 * What those may do with the list who may write.
 *
 * @param {Query} query
 * @param {number} total
 * @returns {import("../../ui/overlays.js").MenuItem[]}
 */
function writersItems({ search, filter }, total) {
  const t = texts("customers");
  const save = async () => download("customers.csv", await customers.csv({ search, filter }), "text/csv");
  const begin = () => beginCampaign({ text: filter });
  const isRule = filter.trim() && !search.trim(); // a campaign's audience is a rule, and no search
  /** @type {import("../../ui/overlays.js").MenuItem[]} */
  const items = [
    { label: t.duplicates(), icon: "people", href: "/customers/duplicates" },
    { label: t.imports(), icon: "upload", href: "/customers/imports" },
    { label: t.attributes.title(), icon: "edit", href: "/customers/attributes" },
    { label: t.forms(), icon: "send", href: "/settings/forms" },
  ];
  if (total && isRule) items.push({ label: t.campaign(), icon: "send", onSelect: () => runAction(begin) });
  if (total) items.push({ label: t.csv(total), icon: "download", onSelect: () => runAction(save) });
  return items;
}

/** @param {{onAdd: () => unknown}} props */
function Actions({ onAdd }) {
  const t = texts("customers");
  return html`
    <${Button} icon="upload" href="/customers/import">${t.import()}<//>
    <${Button} kind="primary" icon="plus" onClick=${onAdd}>${t.add()}<//>`;
}

/** @param {{query: Query, setQuery: (changes: Partial<Query>) => void, pages: Customers}} props */
function Filters({ query, setQuery, pages }) {
  const t = texts("customers");
  const [isOpen, setIsOpen] = useState(Boolean(query.filter));
  const toggle = () => {
    setIsOpen(!isOpen);
    if (isOpen) setQuery({ filter: "" });
  };
  return html`<div class="stack-view">
    <div class="filter-bar">
      <${SearchField}
        label=${t.search()} placeholder=${t.searchHint()} value=${query.search}
        onChange=${(/** @type {string} */ search) => setQuery({ search })}
      />
      <${Button} icon="filter" aria-expanded=${isOpen} onClick=${toggle}>${t.filter()}<//>
      <${Select}
        label=${t.order()} isLabelHidden value=${query.sort} options=${orders(query.sort)}
        onChange=${(/** @type {string} */ sort) => setQuery({ sort })}
      />
      <span class="filter-end" role="status">${pages.items && totalText(pages)}</span>
    </div>
    ${isOpen && html`<${RuleFilter} query=${query} setQuery=${setQuery} error=${pages.error} />`}
  </div>`;
}

/** @param {Customers} pages How many there are, and whether their names are only similar. */
function totalText(pages) {
  const t = texts("customers");
  return pages.first?.forgave_typos ? t.similar(totalOf(pages)) : t.total(totalOf(pages));
}

/**
 * The orders to choose from; with the one in the address, also if it is not among them.
 *
 * @param {string} current
 */
function orders(current) {
  const { orders: names, columns: titles } = texts("customers");
  const options = [
    { value: "-created_at", label: names.newest() },
    { value: "name", label: names.name() },
    { value: "-spend", label: names.spend() },
    { value: "-visits", label: names.visits() },
    { value: "-last_active_at", label: names.lastActive() },
  ];
  if (options.some(({ value }) => value === current)) return options;
  const arrow = current.startsWith("-") ? "↓" : "↑";
  const column = { spend: titles.spend, visits: titles.visits, name: titles.name }[current.replace("-", "")];
  return [...options, { value: current, label: `${column?.() ?? titles.lastActive()} ${arrow}` }];
}

/** @param {{query: Query, setQuery: (changes: Partial<Query>) => void, error: unknown}} props */
function RuleFilter({ query, setQuery, error }) {
  const t = texts("customers");
  const found = error instanceof ApiError ? error.fields.filter(({ field }) => field === "filter") : [];
  return html`<${Field}
    label=${t.rule()} hint=${t.ruleHint()} value=${query.filter} errors=${found.map(fieldErrorText)}
    onChange=${(/** @type {string} */ filter) => setQuery({ filter })} class="control code" spellcheck=${false}
  />`;
}

/**
 * @param {{
 *   me: Api.Me, query: Query, setQuery: (changes: Partial<Query>) => void, pages: Customers, onAdd: () => unknown,
 * }} props
 */
function List({ me, query, setQuery, pages, onAdd }) {
  const t = texts("customers");
  const isRuleWrong = pages.error instanceof ApiError && pages.error.status === 422;
  if (pages.error && !isRuleWrong) return html`<${Failure} error=${pages.error} retry=${pages.reload} />`;
  if (!pages.items && isRuleWrong)
    return html`<${Empty} icon="filter" title=${t.wrongRule.title()} text=${t.wrongRule.text()} />`;
  if (!pages.items) return html`<${Skeleton} rows=${8} />`;
  if (!(pages.items.length || query.search || query.filter)) return html`<${NoCustomers} me=${me} onAdd=${onAdd} />`;
  if (!pages.items.length) {
    return html`<${Empty} icon="search" title=${t.noMatch.title()} text=${t.noMatch.text()}>
      <${Button} onClick=${() => setQuery(DEFAULTS)}>${t.showAll()}<//>
    <//>`;
  }
  return html`<${Rows} ...${{ me, query, setQuery, pages }} isOld=${pages.isOld && !isRuleWrong} />`;
}

/** @typedef {import("./selection.js").Selection} Selection */

/** @type {Selection} */
const NOBODY = { ids: [], isAll: false };

/**
 * Who is selected. Another search or rule is another list, of which nobody is selected.
 *
 * @param {Query} query
 * @returns {[Selection, (selection: Selection) => void]}
 */
function useSelection({ search, filter }) {
  const [selection, setSelection] = useState(NOBODY);
  useEffect(() => setSelection(NOBODY), [search, filter]);
  return [selection, setSelection];
}

/**
 * @param {{
 *   me: Api.Me, query: Query, setQuery: (changes: Partial<Query>) => void, pages: Customers, isOld: boolean,
 * }} props
 */
function Rows({ me, query, setQuery, pages, isOld }) {
  const t = texts("customers");
  const items = pages.items ?? [];
  const ids = items.map(({ id }) => id);
  const [selection, setSelection] = useSelection(query);
  const matching = pages.first?.forgave_typos ? 0 : totalOf(pages); // what is only similar is selected by hand
  const boxes = {
    keys: new Set(selection.isAll ? ids : selection.ids),
    onChange: (/** @type {Set<string>} */ keys) => setSelection({ ids: [...keys], isAll: false }),
    label: (/** @type {Api.Customer} */ { name }) => t.bulk.select(name || texts().person.noName()),
  };
  const bar = html`<${SelectionBar}
    ...${{ selection, query, total: matching, tags: tagsOf(items) }}
    onAll=${() => setSelection({ ids, isAll: true })} onClear=${() => setSelection(NOBODY)}
  />`;
  return html`${boxes.keys.size > 0 && bar}<${Table}
    caption=${t.title()} columns=${columns(me)} rows=${items} isOld=${isOld} selection=${mayWrite(me) ? boxes : undefined}
    sort=${query.sort} onSort=${(/** @type {string} */ sort) => setQuery({ sort })}
    rowKey=${(/** @type {Api.Customer} */ { id }) => id}
    href=${(/** @type {Api.Customer} */ { id }) => `/customers/${encodeURIComponent(id)}`}
  /><${LoadMore} pages=${pages} />`;
}

/** @param {Api.Customer[]} items */
const tagsOf = (items) => [...new Set(items.flatMap(({ tags }) => tags))].toSorted().slice(0, 50);

/** @param {{me: Api.Me, onAdd: () => unknown}} props */
function NoCustomers({ me, onAdd }) {
  const { empty } = texts("customers");
  if (!mayWrite(me)) return html`<${Empty} icon="people" title=${empty.title()} text=${empty.viewer()} />`;
  return html`<${Empty} icon="people" title=${empty.title()} text=${empty.text()}><${Actions} onAdd=${onAdd} /><//>`;
}

/**
 * @param {Api.Me} me
 * @returns {import("../../ui/table.js").Column<Api.Customer>[]}
 */
function columns({ currency }) {
  const { columns: names } = texts("customers");
  return [
    {
      title: names.name(),
      size: 4,
      phone: "title",
      sort: "name",
      cell: ({ name }) => html`<${Person} name=${name} />`,
    },
    {
      title: names.email(),
      size: 5,
      phone: "line",
      cell: ({ email }) => email && html`<bdi class="clamped">${email}</bdi>`,
    },
    { title: names.phone(), size: 3, isWide: true, cell: ({ phone }) => phone },
    { title: names.city(), size: 3, cell: ({ city }) => city && html`<bdi class="clamped">${city}</bdi>` },
    {
      title: names.spend(),
      size: 3,
      phone: "aside",
      isNumber: true,
      sort: "spend",
      first: "-",
      cell: ({ spend }) => money(spend, currency),
    },
    {
      title: names.visits(),
      size: 2,
      isNumber: true,
      sort: "visits",
      first: "-",
      cell: ({ visits }) => number(visits),
    },
    {
      title: names.lastActive(),
      size: 3,
      phone: "end",
      sort: "last_active_at",
      first: "-",
      cell: ({ last_active_at: at }) => at && html`<${Time} at=${at} />`,
    },
  ];
}
