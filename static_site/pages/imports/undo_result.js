/** The undo of an import: the button, and what it did. */

import { imports } from "../../api.js";
import { mutate } from "../../data/resource.js";
import { html } from "../../html.js";
import { dateTime, number } from "../../texts/format.js";
import { texts } from "../../texts.js";
import { Button, Card, Notice } from "../../ui/basic.js";
import { Stat, StatStrip } from "../../ui/figures.js";
import { ask } from "../../ui/overlays.js";
import { canUndo, reasonsKept } from "./import_state.js";

/**
 * Asks, and stops an import.
 *
 * @param {string} id
 */
export async function cancelImport(id) {
  const { title, text, action, keep } = texts("imports").cancel;
  const isSure = await ask({ title: title(), text: text(), confirm: action(), dismiss: keep(), isDanger: true });
  if (isSure) await mutate(() => imports.cancel(id), "/api/imports");
}

/**
 * Asks, and undoes an import.
 *
 * @param {string} id
 * @param {Api.ImportStatus["what"]} what
 */
async function undoImport(id, what) {
  const { title, texts: explained, action } = texts("imports").undo;
  const isSure = await ask({ title: title(), text: explained[what](), confirm: action(), isDanger: true });
  if (isSure) await mutate(() => imports.undo(id), "/api/imports", "/api/customers");
}

/** @param {{status: Api.ImportStatus, mayUndo: boolean}} props */
export function Undo({ status, mayUndo }) {
  const { undo: t } = texts("imports");
  const { id, undo, undo_until: until } = status;
  if (undo) return html`<${UndoResult} ...${{ id, undo, mayUndo }} />`;
  if (!(mayUndo && until && canUndo(status))) return null;
  return html`<${Card} title=${t.action()}>
    <p>${t.texts[status.what]()}</p>
    <p class="form-hint">${t.until(dateTime(until))}</p>
    <div class="button-row"><${Button} kind="danger" onClick=${() => undoImport(id, status.what)}>${t.action()}<//></div>
  <//>`;
}

/** @param {{id: string, undo: Api.ImportUndo, mayUndo: boolean}} props */
function UndoResult({ id, undo, mayUndo }) {
  const { undo: t } = texts("imports");
  const reasons = reasonsKept(undo.kept);
  const people = reasons.reduce((sum, [, some]) => sum + some, 0);
  const counts = /** @type {const} */ ({ removed: undo.removed, put_back: undo.put_back, kept: people });
  const names = /** @type {(keyof typeof counts)[]} */ (Object.keys(counts));
  const tone = /** @type {const} */ ({ running: "info", done: "good", failed: "bad" })[undo.state];
  return html`<${Card} label=${t.action()}>
    <${Notice} tone=${tone}>${undo.state === "failed" ? t.failed(undo.reason ?? "") : t[undo.state]()}<//>
    <${StatStrip} label=${t.action()}>${names.map((name) => html`<${Stat} key=${name} label=${t.counts[name]()} value=${number(counts[name])} />`)}<//>
    ${reasons.length > 0 && html`<ul class="form-hint">${reasons.map(([reason, some]) => html`<li key=${reason}>${t.keptBecause(some, t.kept[reason]())}</li>`)}</ul>`}
    ${undo.opt_outs > 0 && html`<p class="form-hint">${t.optOuts(undo.opt_outs)}</p>`}
    ${undo.state === "failed" && mayUndo && html`<div class="button-row"><${Button} onClick=${() => mutate(() => imports.undo(id), "/api/imports")}>${t.again()}<//></div>`}
  <//>`;
}
