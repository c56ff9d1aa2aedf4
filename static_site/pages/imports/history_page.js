/** The imports of the last days: who imported what, how far it has come, and what it did. */

import { imports } from "../../api.js";
import { usePages } from "../../data/resource.js";
import { html } from "../../html.js";
import { mayWrite } from "../../session.js";
import { number } from "../../texts/format.js";
import { texts } from "../../texts.js";
import { Badge, Button, Card, Empty, Failure, PageHeader, Skeleton, Time } from "../../ui/basic.js";
import { LoadMore, Table } from "../../ui/table.js";
import { pollInterval, stateName } from "./import_state.js";

const POLL = 2000;

/** @type {Partial<Record<ReturnType<typeof stateName>, "good" | "bad" | "warn" | "accent">>} */
const TONES = { uploading: "accent", processing: "accent", undoing: "accent", completed: "good", failed: "bad" };

/** @param {{me: Api.Me}} props */
export default function HistoryPage({ me }) {
  const { history: t, all } = texts("imports");
  const pages = usePages("/api/imports", (page, signal) => imports.list(page, signal), {
    every: ({ items }) => (items.some(pollInterval) ? POLL : null),
  });
  const start = html`<${Button} kind="primary" icon="upload" href="/customers/import">${t.start()}<//>`;
  return html`<div class="view">
    <${PageHeader} title=${t.title()} lead=${t.lead()} back=${{ href: "/customers", label: all() }} actions=${mayWrite(me) && start} />
    <${Card} label=${t.title()} isFlush><${List} pages=${pages} /><//>
  </div>`;
}

/** @param {{pages: import("../../data/resource.js").Pages<Api.ImportStatus>}} props */
function List({ pages }) {
  const { history: t } = texts("imports");
  if (pages.error) return html`<${Failure} error=${pages.error} retry=${pages.reload} />`;
  if (!pages.items) return html`<${Skeleton} rows=${5} />`;
  if (!pages.items.length) return html`<${Empty} icon="upload" title=${t.empty.title()} text=${t.empty.text()} />`;
  return html`<${Table}
    caption=${t.title()} columns=${columns()} rows=${pages.items} rowKey=${(/** @type {Api.ImportStatus} */ { id }) => id}
    href=${(/** @type {Api.ImportStatus} */ { id }) => `/customers/imports/${encodeURIComponent(id)}`}
  /><${LoadMore} pages=${pages} />`;
}

/** @returns {import("../../ui/table.js").Column<Api.ImportStatus>[]} */
function columns() {
  const { history: t } = texts("imports");
  return [
    {
      title: t.columns.file(),
      phone: "title",
      size: 3,
      cell: ({ file, what }) => html`<bdi class="clamped">${file ?? t.what[what]()}</bdi>`,
    },
    { title: t.columns.state(), phone: "aside", size: 2, cell: stateBadge },
    { title: t.columns.result(), phone: "line", size: 4, cell: resultText },
    { title: t.columns.rows(), size: 1, isNumber: true, cell: ({ rows }) => number(rows) },
    { title: t.columns.by(), size: 3, cell: ({ by }) => html`<bdi class="clamped">${by}</bdi>` },
    { title: t.columns.at(), phone: "end", size: 2, cell: ({ at }) => html`<${Time} at=${at} />` },
  ];
}

/** @param {Api.ImportStatus} status */
function stateBadge(status) {
  const { history: t } = texts("imports");
  const name = stateName(status);
  const text = status.dry_run && name === "completed" ? t.check() : t.states[name]();
  return html`<${Badge} tone=${status.dry_run ? undefined : TONES[name]}>${text}<//>`;
}

/** @param {Api.ImportStatus} status */
function resultText({ what, created, updated, counted, rejected }) {
  const { history: t } = texts("imports");
  return what === "activities" ? t.counted(counted, rejected) : t.result(created, updated, rejected);
}
