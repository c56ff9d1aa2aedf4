/** Imports a file of customers, orders, or people who must not be written to: choose it, check its columns, check its rows, import them. */

import { imports } from "../../api.js";
import { useResource } from "../../data/resource.js";
import { useFields } from "../../data/use_fields.js";
import { html, useEffect, useState } from "../../html.js";
import { texts } from "../../texts.js";
import { Button, Card, Failure, Loaded, PageHeader, Skeleton } from "../../ui/basic.js";
import { Actions } from "./actions.js";
import { asParameter, mappingError } from "./column_mapping.js";
import { Columns } from "./columns.js";
import { EXTENSIONS, fileError, withMediaType } from "./files.js";
import { ImportResult } from "./import_result.js";
import { isRunningImport, pollInterval } from "./import_state.js";
import { Kind } from "./kind.js";
import { Mapping } from "./mapping.js";
import { changeImport, chooseKind, chooseMapping, resetImport, useImport } from "./running_import.js";
import { Suppressed } from "./suppressed.js";
import { Understood } from "./understood.js";

/** @typedef {import("./running_import.js").ImportState} ImportState */

export default function ImportPage() {
  const t = texts("imports");
  const state = useImport();
  const status = useResource(
    state.id && `/api/imports/${state.id}`,
    (signal) => imports.get(/** @type {string} */ (state.id), signal),
    { every: pollInterval },
  );
  const isRunning = state.isUploading || Boolean(status.data && isRunningImport(status.data));
  return html`<div class="view import-page">
    <${PageHeader}
      title=${t.title()} lead=${t.lead()} back=${{ href: "/customers", label: t.all() }}
      actions=${html`<${Button} href="/customers/imports">${t.history.link()}<//>`}
    />
    <div class="stack-view">
      <${FileStep} state=${state} isRunning=${isRunning} />
      ${state.file && html`<${RowsStep} key=${state.fileName} ...${{ state, isRunning, file: state.file }} isDone=${isDone(status.data)} />`}
      ${state.suppressed && html`<${Suppressed} answer=${state.suppressed} onAgain=${resetImport} />`}
      ${state.error !== null && html`<${Failure} error=${state.error} />`}
      ${state.isUploading && html`<${Card} label=${t.uploading()}><p role="status">${t.uploading()}</p><progress aria-label=${t.uploading()}></progress><//>`}
      ${state.id && !state.isUploading && html`<${Loaded} resource=${status} rows=${2}>${(/** @type {Api.ImportStatus} */ data) => html`<${ImportResult} status=${data} isRunning=${isRunning} onAgain=${resetImport} />`}<//>`}
    </div>
  </div>`;
}

/**
 * Whether the rows are imported, so that nothing is left to do with this file.
 *
 * @param {Api.ImportStatus | undefined} status
 */
const isDone = (status) => status?.state === "completed" && !status.dry_run;

/** @param {{state: ImportState, isRunning: boolean}} props */
function FileStep({ state, isRunning }) {
  const t = texts("imports");
  const [problem, setProblem] = useState(/** @type {ReturnType<typeof fileError>} */ (null));
  const [isOver, setIsOver] = useState(false);
  /** @param {File | undefined} file */
  const choose = (file) => {
    const found = file ? fileError(file) : null;
    setProblem(found);
    if (!file || isRunning) return;
    resetImport();
    if (!found) changeImport({ file: withMediaType(file), fileName: file.name });
  };
  /** @param {boolean} over */
  const mark = (over) => (/** @type {DragEvent} */ event) => {
    event.preventDefault();
    setIsOver(over);
    if (event.type === "drop") choose(event.dataTransfer?.files[0]);
  };
  return html`<${Card} title=${t.fileTitle()}>
    <div class="drop-zone" data-over=${isOver} onDragOver=${mark(true)} onDragLeave=${mark(false)} onDrop=${mark(false)}>
      <label class="form-label" for="import-file">${t.file()}</label>
      <input
        id="import-file" type="file" accept=${EXTENSIONS.join(",")} disabled=${isRunning} aria-describedby="import-file-hint"
        aria-invalid=${problem ? "true" : undefined} onChange=${(/** @type {any} */ event) => choose(event.currentTarget.files[0])}
      />
      ${state.fileName && html`<p><strong>${state.fileName}</strong></p>`}
      <p class="form-hint" id="import-file-hint">${t.fileHint()}</p>
      ${problem && html`<p class="form-problem" role="alert">${t.fileErrors[problem](EXTENSIONS)}</p>`}
    </div>
  <//>`;
}

/** @param {{state: ImportState, file: Blob, isRunning: boolean, isDone: boolean}} props */
function RowsStep({ state, file, isRunning, isDone: isImported }) {
  const fields = useFields();
  const what = state.what || "customers";
  const { type } = state;
  const columns = asParameter(state.columns);
  const preview = useResource(`preview ${state.fileName} ${file.size} ${what} ${type} ${columns}`, (signal) =>
    imports.preview(file, { what, columns, type }, signal),
  );
  useEffect(() => {
    if (!preview.data) return;
    if (state.what) {
      if (state.mapping === undefined && preview.data.mappings[0]) chooseMapping(preview.data.mappings[0]);
      return;
    }
    const isOrders = preview.data.looks_like === "activities";
    chooseKind(isOrders ? "activities" : "customers", { isRecognized: isOrders });
  }, [state.what, state.mapping, preview.data]);
  if (preview.error && !preview.data) return html`<${Failure} error=${preview.error} retry=${preview.reload} />`;
  if (!(preview.data && fields.data && state.what)) return html`<${Skeleton} rows=${4} />`;
  const named = preview.data.columns.filter(({ key }) => key);
  const chosen = named.filter(({ is_alternative }) => !is_alternative).map(({ field }) => field);
  const problem = named.length ? mappingError(chosen, texts("imports"), what) || (preview.data.problem ?? "") : "";
  return html`<${Kind} ...${{ state, what, preview: preview.data }} isLocked=${isRunning} />
    <${Understood} preview=${preview.data} what=${what} />
    ${
      named.length > 0 &&
      html`<${Columns} columns=${named} ...${{ problem, state, what }} isLocked=${isRunning} />
      <${Mapping} ...${{ state, what, problem }} preview=${preview.data} isLocked=${isRunning} />`
    }
    <${Actions} ...${{ state, what, isRunning, isImported, problem }} step=${named.length ? 3 : 2} />`;
}
