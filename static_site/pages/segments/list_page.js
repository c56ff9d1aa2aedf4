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
import { SizesLine } from "./sizes.js";

const KEY = "/api/segments";

/** @param {{me: Api.Me}} props */
export default function SegmentsPage({ me }) {
  const t = texts("segments");
  const pages = usePages(KEY, segments.page);
  const add =
    mayWrite(me) &&
    html`<${Button} icon="people" href="/segments/new-list">${t.list.add()}<//>
      <${Button} kind="primary" icon="plus" href="/segments/new">${t.add()}<//>`;
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
  const { columns: names, used, remove: word, list } = texts("segments");
  /** @type {import("../../ui/table.js").Column<Api.ListedSegment>[]} */
  const shown = [
    { title: names.name(), size: 5, phone: "title", cell: ({ name }) => html`<bdi class="clamped">${name}</bdi>` },
    {
      title: names.words(),
      size: 8,
      phone: "line",
      cell: ({ kind, rule, entries }) =>
        kind === "static" ? list.words(entries ?? 0) : html`<bdi class="clamped sentence">${rule.description}</bdi>`,
    },
    { title: names.count(), size: 2, phone: "end", isNumber: true, cell: ({ count }) => number(count) },
    { title: names.sizes(), size: 3, isWide: true, cell: ({ sizes }) => html`<${SizesLine} sizes=${sizes} />` },
    { title: names.used(), size: 3, cell: ({ used_by: uses }) => used(uses) },
  ];
  const button = (/** @type {Api.ListedSegment} */ segment) => html`<${Button}
    isSmall kind="quiet" icon="trash" label=${`${word()} ${segment.name}`} onClick=${() => remove(segment)}
  />`;
  /** @type {import("../../ui/table.js").Column<Api.ListedSegment>} */
  const end = { title: texts().actions.more(), size: 1.5, isTitleHidden: true, phone: "aside", cell: button };
  return mayWrite(me) ? [...shown, end] : shown;
}

const IN_USE = ["scheduled", "running", "paused"];

/**
 * Deletes the segment after a question, which says how many campaigns use it. One that is scheduled or running keeps it:
 * then the reader sees which. Returns whether it was deleted.
 *
 * @param {Pick<Api.ListedSegment, "id" | "name">} segment
 */
export async function remove({ id, name }) {
  const t = texts("segments");
  const { campaigns, used_by: uses } = await segments.details(id);
  const users = campaigns.filter(({ state }) => IN_USE.includes(state)).map((campaign) => campaign.name);
  if (users.length) {
    toast(t.inUse(name, users), { kind: "error" });
    return false;
  }
  const question = { title: t.removeTitle(name), text: t.removeText(uses), confirm: t.remove(), isDanger: true };
  if (!(await ask(question))) return false;
  await mutate(() => segments.remove(id), KEY);
  toast(t.removed(name));
  return true;
}
