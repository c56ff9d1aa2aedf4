/** What can be done with the customers that are selected in the list: tag them, suppress them, write to them. */

import { customers, segments } from "../../api.js";
import { beginCampaign } from "../../data/begin_campaign.js";
import { mutate, useResource } from "../../data/resource.js";
import { html, useId, useState } from "../../html.js";
import { dateTime } from "../../texts/format.js";
import { texts } from "../../texts.js";
import { Button, Notice, runAction, toast } from "../../ui/basic.js";
import { Choice, Field, Select } from "../../ui/fields.js";
import { Dialog } from "../../ui/overlays.js";
import { runInParts } from "./bulk.js";

/**
 * Who is selected: some of the list by their ids, or all who match.
 *
 * @typedef {{ids: string[], isAll: boolean}} Selection
 * @typedef {{search: string, filter: string}} Query
 * @typedef {{selection: Selection, query: Query, total: number, tags: string[], onClear: () => void}} Selected
 */

/**
 * The request's choice of customers.
 *
 * @param {Selection} selection
 * @param {Query} query
 * @returns {Api.BulkChoice}
 */
export function choiceOf({ ids, isAll }, { search, filter }) {
  if (!isAll) return { ids };
  return search.trim() || filter.trim() ? { search, filter } : { everybody: true };
}

/** @param {Selection} selection @param {number} total */
const sizeOf = ({ ids, isAll }, total) => (isAll ? total : ids.length);

/** @typedef {"tags" | "list" | "suppress" | "campaign"} Action */

/**
 * The bar above the list while somebody is selected.
 *
 * @param {Selected & {onAll: () => void}} props
 */
export function SelectionBar({ onAll, ...selected }) {
  const { selection, query, total, onClear } = selected;
  const t = texts("customers").bulk;
  const [action, setAction] = useState(/** @type {Action | null} */ (null));
  const close = () => setAction(null);
  const isRule = selection.isAll && !query.search.trim();
  const begin = () => (isRule ? beginCampaign({ text: query.filter.trim() || "everyone" }) : setAction("campaign"));
  const size = sizeOf(selection, total);
  return html`<section class="selection-bar" aria-label=${t.title()}>
    <span class="selection-count" role="status">${t.selected(size)}</span>
    ${!selection.isAll && total > size && html`<${Button} kind="quiet" isSmall onClick=${onAll}>${t.all(total)}<//>`}
    <span class="selection-actions">
      <${Button} isSmall icon="edit" onClick=${() => setAction("tags")}>${t.tags.open()}<//>
      <${Button} isSmall icon="segment" onClick=${() => setAction("list")}>${t.list.open()}<//>
      <${Button} isSmall icon="ban" onClick=${() => setAction("suppress")}>${t.suppress.open()}<//>
      <${Button} isSmall icon="send" onClick=${begin}>${t.campaign.open()}<//>
      <${Button} isSmall kind="quiet" icon="x" label=${t.clear()} onClick=${onClear} />
    </span>
    ${action === "tags" && html`<${TagsDialog} ...${selected} onClose=${close} />`}
    ${action === "list" && html`<${ListDialog} ...${selected} onClose=${close} />`}
    ${action === "suppress" && html`<${SuppressDialog} ...${selected} onClose=${close} />`}
    ${action === "campaign" && html`<${CampaignDialog} ...${selected} onClose=${close} />`}
  </section>`;
}

/** @typedef {Selected & {onClose: () => void}} DialogProps */

/** @param {DialogProps} props */
function TagsDialog({ onClose, ...selected }) {
  const t = texts("customers").bulk.tags;
  const [mode, setMode] = useState("add");
  const [tag, setTag] = useState("");
  const id = useId();
  const size = sizeOf(selected.selection, selected.total);
  /** @param {Progress} onProgress */
  const run = async (onProgress) => {
    const done = await changeTags({ [mode]: [tag.trim()] }, selected, onProgress);
    const opposite = { [mode === "add" ? "remove" : "add"]: [tag.trim()] };
    const takeBack = () => runAction(() => undo(opposite, done.changed));
    toast(t[mode === "add" ? "added" : "removed"](done.changed.length, tag.trim(), done.unchanged), {
      undo: done.changed.length ? takeBack : undefined,
    });
    onClose();
  };
  return html`<${BulkDialog}
    title=${t.title(size)} submit=${t[/** @type {"add" | "remove"} */ (mode)](size)} isReady=${Boolean(tag.trim())}
    run=${run} onClose=${onClose}
  >
    <${Choice} label=${t.mode()} value=${mode} onChange=${setMode} options=${[
      { value: "add", label: t.modes.add() },
      { value: "remove", label: t.modes.remove() },
    ]} />
    <${Field} label=${t.tag()} value=${tag} onChange=${setTag} maxlength="100" list=${`${id}-tags`} autofocus />
    <datalist id=${`${id}-tags`}>${selected.tags.map((one) => html`<option key=${one} value=${one}></option>`)}</datalist>
  <//>`;
}

/**
 * Adds them to a static segment, which may be a new one.
 *
 * @param {DialogProps} props
 */
function ListDialog({ onClose, selection, query, total }) {
  const t = texts("customers").bulk.list;
  const known = useResource("/api/segments", (signal) => segments.list(signal));
  const lists = known.data?.items.filter(({ kind }) => kind === "static") ?? [];
  const [chosen, setChosen] = useState("");
  const [name, setName] = useState("");
  const size = sizeOf(selection, total);
  const run = async () => {
    const id = chosen || (await segments.saveList(name.trim())).id;
    setChosen(id); // a second try adds them to the same list
    const rule = { filter: query.filter.trim() || "everyone", search: query.search };
    const add = () =>
      selection.isAll ? segments.addMatching(id, rule) : segments.changePeople(id, selection.ids, { mode: "add" });
    const done = await mutate(add, "/api/segments");
    toast(t.done(done.known, done.customers));
    onClose();
  };
  const options = [{ value: "", label: t.new() }, ...lists.map((list) => ({ value: list.id, label: list.name }))];
  return html`<${BulkDialog} title=${t.title(size)} submit=${t.submit(size)} isReady=${Boolean(chosen || name.trim())} run=${run} onClose=${onClose}>
    ${lists.length > 0 && html`<${Select} label=${t.list()} value=${chosen} onChange=${setChosen} options=${options} />`}
    ${!chosen && html`<${Field} label=${t.name()} value=${name} onChange=${setName} maxlength="200" autofocus />`}
  <//>`;
}

/** @param {DialogProps} props */
function SuppressDialog({ onClose, ...selected }) {
  const t = texts("customers").bulk.suppress;
  const [reason, setReason] = useState("");
  const size = sizeOf(selected.selection, selected.total);
  /** @param {Progress} onProgress */
  const run = async (onProgress) => {
    const body = { ...choiceOf(selected.selection, selected.query), reason: reason.trim() };
    const done = await mutate(() => runInParts(customers.suppressMany, body, onProgress), "/api/customers");
    toast(t.done(done.changed.length, done.unchanged));
    selected.onClear();
    onClose();
  };
  return html`<${BulkDialog}
    title=${t.title(size)} submit=${t.submit(size)} isReady=${Boolean(reason.trim())} isDanger run=${run} onClose=${onClose}
  >
    <p>${t.text()}</p>
    <${Field} label=${t.reason()} value=${reason} onChange=${setReason} maxlength="500" autofocus />
  <//>`;
}

/**
 * A campaign is for a rule; so people who were picked by hand get a tag, and the campaign is for who has it.
 *
 * @param {DialogProps} props
 */
function CampaignDialog({ onClose, ...selected }) {
  const t = texts("customers").bulk.campaign;
  const [tag, setTag] = useState(() => t.name(dateTime(new Date().toISOString())));
  const size = sizeOf(selected.selection, selected.total);
  /** @param {Progress} onProgress */
  const run = async (onProgress) => {
    await changeTags({ add: [tag.trim()] }, selected, onProgress);
    onClose();
    await beginCampaign({ text: `has tag ${JSON.stringify(tag.trim())}` });
  };
  return html`<${BulkDialog} title=${t.title(size)} submit=${t.submit()} isReady=${Boolean(tag.trim())} run=${run} onClose=${onClose}>
    <p>${t.text()}</p>
    <${Field} label=${t.tag()} value=${tag} onChange=${setTag} maxlength="100" />
  <//>`;
}

/** @typedef {(done: number, total: number) => void} Progress */

/**
 * @param {{add?: string[], remove?: string[]}} change
 * @param {Selected} selected
 * @param {Progress} onProgress
 */
const changeTags = (change, { selection, query }, onProgress) =>
  mutate(
    () => runInParts(customers.changeTags, { ...choiceOf(selection, query), ...change }, onProgress),
    "/api/customers",
  );

/**
 * @param {{add?: string[], remove?: string[]}} change
 * @param {string[]} ids
 */
const undo = (change, ids) =>
  mutate(() => runInParts(customers.changeTags, { ids, ...change }, () => {}), "/api/customers");

/**
 * A dialog whose action takes a while for many people: it shows how far it is. After an error it can be tried again:
 * whoever is changed already stays so.
 *
 * @param {{
 *   title: string, submit: string, isReady: boolean, isDanger?: boolean, run: (onProgress: Progress) => Promise<void>,
 *   onClose: () => void, children?: import("../../html.js").Children,
 * }} props
 */
function BulkDialog({ title, submit, isReady, isDanger = false, run, onClose, children }) {
  const t = texts("customers").bulk;
  const [progress, setProgress] = useState(/** @type {{done: number, total: number} | null} */ (null));
  const start = () => run((done, total) => setProgress({ done, total }));
  return html`<${Dialog}
    title=${title} onClose=${onClose}
    actions=${html`
      <${Button} onClick=${onClose}>${texts().actions.cancel()}<//>
      <${Button} kind=${isDanger ? "danger primary" : "primary"} disabled=${!isReady} onClick=${start}>${submit}<//>`}
  >
    <div class="stack-view">
      ${children}
      ${progress && html`<${Notice} tone="info"><span role="status">${t.progress(progress.done, progress.total)}</span><//>`}
    </div>
  <//>`;
}
