/** The last step of an import: a check that saves nothing, and the import itself. */

import { imports } from "../../api.js";
import { poll } from "../../data/polling.js";
import { announce, el } from "../../dom/dom.js";
import { busy, button } from "../../dom/forms.js";
import { failed, panel } from "../../dom/states.js";
import { plural } from "../../texts/format.js";
import { importResult, rowProgress, uploadProgress } from "./result.js";

const POLL = 500;
const RUNNING_STATES = ["uploading", "processing"];

/** @typedef {Record<string, string>} ColumnMapping `{header: field}` */

/**
 * Returns `{element, reset(columns)}`. With null the file cannot be imported yet.
 *
 * @param {{file: Blob, signal: AbortSignal}} options
 */
export function runPanel({ file, signal }) {
  /** @type {ColumnMapping | null} */
  let columns = null;
  let run = new AbortController();
  const container = el("div", { class: "stack" });
  const checkButton = button("Check without saving", { onclick: () => start(true) });
  const importButton = button("Import", { kind: "primary", onclick: () => start(false) });
  const buttons = [checkButton, importButton];

  const enable = () => {
    for (const item of buttons) item.disabled = !columns;
  };

  /** @param {boolean} isDryRun */
  const start = async (isDryRun) => {
    run = new AbortController();
    const current = AbortSignal.any([signal, run.signal]);
    const mapping = columns ?? {};
    await busy(buttons, () => importFile({ file, columns: mapping, isDryRun, container, signal: current }));
    enable(); // the columns may have changed
  };

  /** @param {ColumnMapping | null} changed */
  const reset = (changed) => {
    run.abort();
    columns = changed;
    container.replaceChildren();
    enable();
  };

  const actions = el("div", { class: "actions start" }, importButton, checkButton);
  return { element: panel("Import", {}, actions, container), reset };
}

/**
 * @param {{
 *   file: Blob, columns: ColumnMapping, isDryRun: boolean, container: HTMLElement, signal: AbortSignal
 * }} options
 */
async function importFile({ file, columns, isDryRun, container, signal }) {
  try {
    container.replaceChildren(uploadProgress(file.size));
    const mapping = Object.keys(columns).length ? JSON.stringify(columns) : null;
    const { import_id: id } = await imports.start(file, { columns: mapping, isDryRun }, signal);
    await follow(id, container, signal);
  } catch (error) {
    if (!signal.aborted) container.replaceChildren(failed(error));
  }
}

/**
 * Shows the progress of an import until it has ended, and then its results.
 *
 * @param {string} id
 * @param {HTMLElement} container
 * @param {AbortSignal} signal
 */
async function follow(id, container, signal) {
  const ended = new AbortController();
  /** @param {AbortSignal} current */
  const step = async (current) => {
    const status = await imports.get(id, current);
    if (current.aborted) return POLL;
    const isRunning = RUNNING_STATES.includes(status.state);
    container.replaceChildren(isRunning ? rowProgress(status) : importResult(status, signal));
    if (isRunning) return POLL;
    ended.abort();
    announce(`${plural(status.rows, "row")} ${status.dry_run ? "checked" : "imported"}`);
    return 0;
  };
  /** @param {unknown} error */
  const onError = (error) => container.replaceChildren(failed(error));
  await poll(step, { onError, signal: AbortSignal.any([signal, ended.signal]) });
}
