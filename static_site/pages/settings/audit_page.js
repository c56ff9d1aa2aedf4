/** The audit log: who did what, and when. Only an admin opens it. */

import { audit } from "../../api.js";
import { download } from "../../data/download.js";
import { usePages } from "../../data/resource.js";
import { html } from "../../html.js";
import { useQuery } from "../../router.js";
import { texts } from "../../texts.js";
import { Button, Card, Empty, Failure, PageHeader, Skeleton, Time } from "../../ui/basic.js";
import { Field, SearchField, Select } from "../../ui/fields.js";
import { LoadMore, Table } from "../../ui/table.js";
import { Sections } from "./sections.js";

const KEY = "/api/audit";
const DAY = 24 * 60 * 60 * 1000;

/** @typedef {{who: string, what: string, from: string, to: string}} Filter Days as in a field for dates. */

export default function AuditPage() {
  const { audit: t } = texts("settings");
  const [filter, setFilter] = useQuery({ who: "", what: "", from: "", to: "" });
  const wanted = asQuery(filter);
  const pages = usePages(`${KEY}?${JSON.stringify(wanted)}`, (page, signal) =>
    audit.list({ ...page, ...wanted }, signal),
  );
  const save = async () => download("audit.csv", await audit.csv(wanted), "text/csv");
  const actions = html`<${Button} icon="download" onClick=${save}>${t.csv()}<//>`;
  return html`<div class="view">
    <${PageHeader} title=${t.title()} lead=${t.lead()} actions=${actions} />
    <${Sections} current="audit" />
    <div class="stack-view">
      <${FilterBar} filter=${filter} onChange=${setFilter} />
      <${Card} label=${t.title()} isFlush><${List} pages=${pages} /><//>
    </div>
  </div>`;
}

/**
 * The filter as the API takes it: from the start of the first day to the end of the last one, where the reader is.
 *
 * @param {Filter} filter
 */
const asQuery = ({ who, what, from, to }) => ({ who: who.trim(), what, from: startOf(from), to: startOf(to, DAY) });

/**
 * @param {string} day
 * @param {number} later
 */
function startOf(day, later = 0) {
  const start = Date.parse(`${day}T00:00`);
  return Number.isNaN(start) ? "" : new Date(start + later).toISOString();
}

/** @param {{filter: Filter, onChange: (changes: Partial<Filter>) => void}} props */
function FilterBar({ filter, onChange }) {
  const { audit: t } = texts("settings");
  const options = Object.entries(actionTexts()).map(([value, label]) => ({ value, label: label() }));
  return html`<div class="filter-bar">
    <${SearchField} label=${t.who()} placeholder=${t.whoHint()} value=${filter.who} onChange=${(/** @type {string} */ who) => onChange({ who })} />
    <${Select}
      label=${t.what()} isLabelHidden value=${filter.what} options=${[{ value: "", label: t.everything() }, ...options]}
      onChange=${(/** @type {string} */ what) => onChange({ what })}
    />
    <${Field} label=${t.from()} type="date" value=${filter.from} onChange=${(/** @type {string} */ from) => onChange({ from })} />
    <${Field} label=${t.to()} type="date" value=${filter.to} onChange=${(/** @type {string} */ to) => onChange({ to })} />
  </div>`;
}

/** @param {{pages: import("../../data/resource.js").Pages<Api.AuditEntry>}} props */
function List({ pages }) {
  const { audit: t } = texts("settings");
  if (pages.error) return html`<${Failure} error=${pages.error} retry=${pages.reload} />`;
  if (!pages.items) return html`<${Skeleton} rows=${5} />`;
  if (!pages.items.length) return html`<${Empty} icon="search" title=${t.empty.title()} text=${t.empty.text()} />`;
  return html`<${Table}
    caption=${t.title()} columns=${columns()} rows=${pages.items} isOld=${pages.isOld}
    rowKey=${(/** @type {Api.AuditEntry} */ { id }) => id}
  /><${LoadMore} pages=${pages} />`;
}

/** @returns {import("../../ui/table.js").Column<Api.AuditEntry>[]} */
function columns() {
  const { columns: names } = texts("settings").audit;
  return [
    {
      title: names.what(),
      phone: "title",
      size: 4,
      cell: ({ what }) => html`<bdi class="clamped">${actionText(what)}</bdi>`,
    },
    { title: names.who(), phone: "line", size: 4, cell: ({ who }) => html`<bdi class="clamped">${who}</bdi>` },
    {
      title: names.details(),
      size: 5,
      cell: (entry) => html`<bdi class="clamped" title=${details(entry)}>${details(entry)}</bdi>`,
    },
    { title: names.when(), phone: "end", size: 3, cell: ({ when }) => html`<${Time} at=${when} isExact />` },
  ];
}

/**
 * The texts of all actions; those of what is done with a campaign are its page's.
 *
 * @returns {Record<string, () => string>}
 */
const actionTexts = () => ({ ...texts("campaign").activity.actions, ...texts("settings").audit.actions });

/**
 * An action in the reader's language; its own name if it has no text.
 *
 * @param {string} what
 */
const actionText = (what) => actionTexts()[what]?.() ?? what;

/**
 * What an action concerned, and what it changed: `member: dev@example.com, role: viewer → admin`.
 *
 * @param {Api.AuditEntry} entry
 */
function details({ about, before, after }) {
  const concerned = Object.entries(about).map(([name, value]) => `${name}: ${plain(value)}`);
  const changed = Object.keys({ ...before, ...after }).map((name) =>
    texts("settings").audit.change(name, plain(before?.[name]), plain(after?.[name])),
  );
  return [...concerned, ...changed].join(", ");
}

/** @param {unknown} value */
const plain = (value) => (value === null || value === undefined ? texts().nothing() : [value].flat().join(", "));
