/** The progress of an import, and the results of its rows. */

import { imports } from "../../api.js";
import { download } from "../../data/download.js";
import { fieldNamed } from "../../data/fields.js";
import { useResource } from "../../data/resource.js";
import { useFields } from "../../data/use_fields.js";
import { html } from "../../html.js";
import { number } from "../../texts/format.js";
import { fieldErrorText, texts } from "../../texts.js";
import { Button, Card, Loaded, Notice } from "../../ui/basic.js";
import { Stat, StatStrip } from "../../ui/figures.js";
import { cancelImport, Undo } from "./undo_result.js";

const MAX_READ = 1000; // the server has them in no order, so they are sorted here
const MAX_SHOWN = 50; // the file has all of them

const KINDS = /** @type {const} */ ({
  customers: ["created", "updated", "unchanged", "rejected"],
  activities: ["counted", "duplicate", "rejected"],
});

/**
 * `onAgain` begins with another file; without it, the page is about this import only.
 *
 * @param {{status: Api.ImportStatus, isRunning: boolean, mayWrite?: boolean, onAgain?: () => void}} props
 */
export function ImportResult({ status, isRunning, mayWrite = true, onAgain }) {
  const t = texts("imports");
  const { done, rows, dry_run: isDryRun, rejected, warned } = status;
  if (isRunning) {
    return html`<${Card} label=${t.running()}>
      <p role="status">${t.progress(done, rows)}</p><progress max=${rows || 1} value=${done} aria-label=${t.running()}></progress>
      <p class="form-hint">${t.mayLeave()}</p>
      ${mayWrite && status.state === "processing" && html`<div class="button-row"><${Button} onClick=${() => cancelImport(status.id)}>${t.cancel.action()}<//></div>`}
    <//>`;
  }
  const actions = html`<div class="button-row"><${Button} href="/customers">${t.seeCustomers()}<//>${onAgain && html`<${Button} onClick=${onAgain}>${t.again()}<//>`}</div>`;
  return html`<${Card} title=${t.resultTitle()} actions=${!isDryRun && actions}>
    <${Notice} tone=${toneOf(status)}>${headline(status)}<//>
    <${StatStrip} label=${t.resultTitle()}>${KINDS[status.what].map((kind) => html`<${Stat} key=${kind} label=${(isDryRun ? t.would : t.kinds)[kind]()} value=${number(status[kind])} />`)}<//>
    ${warned > 0 && html`<p class="form-hint">${t.warned(warned)}</p>`}
    ${rejected > 0 && mayWrite && html`<${Rejected} id=${status.id} count=${rejected} />`}
  <//>
  <${Undo} status=${status} mayUndo=${mayWrite} />`;
}

/** @param {Api.ImportStatus} status */
function toneOf({ state, dry_run: isDryRun }) {
  if (state === "cancelled") return "warn";
  if (state !== "completed") return "bad";
  return isDryRun ? "info" : "good";
}

/** @param {Api.ImportStatus} status */
function headline({ state, dry_run: isDryRun, reason, done, rows }) {
  const t = texts("imports");
  if (state === "cancelled") return t.cancel.done(done, rows);
  if (state === "failed") return `${t.failed()} ${reason ?? ""}`;
  if (state === "aborted") return t.aborted();
  return isDryRun ? t.checked() : t.imported();
}

/** @param {{id: string, count: number}} props */
function Rejected({ id, count }) {
  const t = texts("imports");
  const rows = useResource(`rejected ${id}`, (signal) => imports.rejectedRows(id, MAX_READ, signal));
  const save = async () => download("rejected.csv", await imports.rejectedCsv(id), "text/csv");
  useFields(); // the errors name them
  return html`<div class="stack-view">
    <h3>${t.rejectedTitle(count)}</h3>
    <${Loaded} resource=${rows} rows=${3}>${(/** @type {Api.RowResult[]} */ items) => html`<ol class="rejected-rows">
      ${items
        .toSorted((left, right) => left.row - right.row)
        .slice(0, MAX_SHOWN)
        .map(
          ({ row, errors }) =>
            html`<li key=${row}><span class="muted">${t.line(row)}</span><span>${errors.map(rowError).join(" ")}</span></li>`,
        )}
    </ol>`}<//>
    <p class="form-hint">${t.rejectedHint(Math.min(count, MAX_SHOWN), count)}</p>
    <div class="button-row"><${Button} icon="download" onClick=${save}>${t.download()}<//></div>
  </div>`;
}

/**
 * What is wrong with a row, with the field as the page names it.
 *
 * @param {Api.FieldError} error
 */
export const rowError = (error) => {
  const text = fieldErrorText(error);
  if (error.field === "body") return text;
  const { activityFields, rowError: written } = texts("imports");
  const own = /** @type {Record<string, () => string>} */ (activityFields)[error.field]?.();
  return written(own ?? fieldNamed(error.field)?.label ?? error.field.replace(/^(attributes|fields)\./, ""), text);
};
