/** All segments. */

import { segments } from "../../api.js";
import { mutate, usePages } from "../../data/resource.js";
import { html } from "../../html.js";
import { mayWrite } from "../../session.js";
import { number } from "../../texts/format.js";
import { texts } from "../../texts.js";
import { Button, Card, Empty, Failure, PageHeader, Skeleton, toast } from "../../ui/basic.js";
import { ask } from "../../ui/overlays.js";
import { LoadMore, Table } from "../../ui/table.js";

const KEY = "/api/segments";

/** @param {{me: Api.Me}} props */
export default function SegmentsPage({ me }) {
  const t = texts("segments");
  const pages = usePages(KEY, segments.page);
  const add = mayWrite(me) && html`<${Button} kind="primary" icon="plus" href="/segments/new">${t.add()}<//>`;
  const total = pages.first?.total;
  return html`<div class="view">
    <${PageHeader}
      title=${t.title()} lead=${t.lead()} actions=${add}
      badge=${total !== undefined && html`<span class="muted" role="status">${t.shown(total)}</span>`}
    />
    <${Card} label=${t.title()} isFlush><${List} pages=${pages} me=${me} add=${add} /><//>
  </div>`;
}

/**
 * @param {{
 *   pages: import("../../data/resource.js").Pages<Api.ListedSegment>, me: Api.Me,
 *   add: import("../../html.js").Children,
 * }} props
 */
function List({ pages, me, add }) {
  const t = texts("segments");
  if (pages.error) return html`<${Failure} error=${pages.error} retry=${pages.reload} />`;
  if (!pages.items) return html`<${Skeleton} rows=${5} />`;
  if (!pages.items.length) {
    return html`<${Empty} icon="segment" title=${t.empty.title()} text=${t.empty.text()}>${add}<//>`;
  }
  return html`<${Table}
    caption=${t.title()} columns=${columns(me)} rows=${pages.items}
    rowKey=${(/** @type {Api.ListedSegment} */ { id }) => id}
    href=${(/** @type {Api.ListedSegment} */ { id }) => `/segments/${encodeURIComponent(id)}`}
  /><${LoadMore} pages=${pages} />`;
}

/**
 * @param {Api.Me} me
 * @returns {import("../../ui/table.js").Column<Api.ListedSegment>[]}
 */
function columns(me) {
  const { columns: names, used, remove: word } = texts("segments");
  /** @type {import("../../ui/table.js").Column<Api.ListedSegment>[]} */
  const shown = [
    { title: names.name(), phone: "title", cell: ({ name }) => html`<bdi class="clamped">${name}</bdi>` },
    {
      title: names.words(),
      phone: "line",
      cell: ({ rule }) => html`<bdi class="clamped sentence">${rule.description}</bdi>`,
    },
    { title: names.count(), phone: "end", isNumber: true, cell: ({ count }) => number(count) },
    { title: names.used(), cell: ({ used_by: uses }) => used(uses) },
  ];
  const button = (/** @type {Api.ListedSegment} */ segment) => html`<${Button}
    isSmall kind="quiet" icon="trash" label=${`${word()} ${segment.name}`} onClick=${() => remove(segment)}
  />`;
  return mayWrite(me) ? [...shown, { title: texts().actions.more(), phone: "aside", cell: button }] : shown;
}

/**
 * Says which campaigns use the segment, and deletes it. Returns whether it did.
 *
 * @param {Pick<Api.ListedSegment, "id" | "name" | "used_by">} segment
 */
export async function remove({ id, name, used_by: uses }) {
  const t = texts("segments");
  const question = { title: t.removeTitle(name), text: t.removeText(uses), confirm: t.remove(), isDanger: true };
  if (!(await ask(question))) return false;
  await mutate(() => segments.remove(id), KEY);
  toast(t.removed(name));
  return true;
}
