/** The import of this tab. It goes on while the reader is on other pages; its id is also kept for a reload. */

import { ApiError, imports, suppressions } from "../../api.js";
import { createStore } from "../../html.js";
import { asParameter } from "./column_mapping.js";

const STORED = "import";

/**
 * @typedef {{
 *   file: Blob | null, fileName: string, columns: Record<string, Api.ColumnChoice>, checked: boolean, isUploading: boolean,
 *   id: string | null, error: unknown, consent: string, what: Api.FileKind | "", isRecognized: boolean,
 *   mapping: Api.SavedMapping | null | undefined, type: string | null, unknown: "reject" | "create", suppressed: Api.SuppressionAnswer | null,
 * }} ImportState `what` the file has; "" until it is recognized. `mapping` is the saved one that is used; null: none; undefined: not decided. `type` of orders and visits is that of all rows; null: as recognized. `suppressed` is what a list of suppressions did. `consent`: whether these people agreed to get e-mails; "" until the reader has said so. `checked`: the file was checked with these columns. `columns` has what the reader chose for columns.
 */

/** @returns {ImportState} */
const fresh = () => ({
  file: null,
  fileName: "",
  columns: {},
  checked: false,
  isUploading: false,
  id: null,
  error: null,
  consent: "",
  what: "",
  isRecognized: false,
  mapping: undefined,
  type: null,
  unknown: "reject",
  suppressed: null,
});

const running = createStore(/** @type {ImportState} */ ({ ...fresh(), id: sessionStorage.getItem(STORED) }));

/** @param {Partial<ImportState>} changes */
export function changeImport(changes) {
  const next = { ...running.get(), ...changes };
  if (next.id) sessionStorage.setItem(STORED, next.id);
  else sessionStorage.removeItem(STORED);
  running.set(next);
}

/** Begins again without a file. */
export const resetImport = () => changeImport(fresh());

/** The import of this tab. The component is rendered again when it changes. */
export const useImport = running.use;

/**
 * Begins with what the file has: its columns are other fields then.
 *
 * @param {Api.FileKind} what
 * @param {{isRecognized?: boolean}} [options]
 */
export const chooseKind = (what, { isRecognized = false } = {}) =>
  changeImport({ ...unchecked(), what, isRecognized, columns: {}, mapping: undefined, type: null });

/**
 * Reads the columns as a saved mapping says; null: as their headings and values say.
 *
 * @param {Api.SavedMapping | null} mapping
 */
export const chooseMapping = (mapping) => changeImport({ ...unchecked(), mapping, columns: mapping?.columns ?? {} });

/** Nothing is known of the rows any more. */
const unchecked = () => ({ checked: false, id: null, suppressed: null, error: null });

/**
 * Sends the file. Leaving the page does not stop it.
 *
 * @param {{isDryRun: boolean}} options
 */
export const startImport = ({ isDryRun }) =>
  send(async (file) => {
    const { fileName: name, consent, columns: choices, what, type, unknown } = running.get();
    const columns = asParameter(choices);
    const { signal } = new AbortController();
    const { import_id: id } = await (what === "activities"
      ? imports.startActivities(file, { columns, isDryRun, type, unknown, name }, signal)
      : imports.start(file, { columns, isDryRun, consent, name }, signal));
    return { id, checked: isDryRun };
  });

/** Suppresses the addresses in the file. */
export const suppressFile = () =>
  send(async (file) => ({ suppressed: await suppressions.addFile(file, asParameter(running.get().columns)) }));

/** @param {(file: Blob) => Promise<Partial<ImportState>>} work */
async function send(work) {
  const { file, isUploading } = running.get();
  if (!file || isUploading) return;
  changeImport({ isUploading: true, id: null, error: null });
  try {
    const changes = await work(file);
    if (running.get().file === file) changeImport(changes);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    changeImport({ error });
  } finally {
    changeImport({ isUploading: false });
  }
}
