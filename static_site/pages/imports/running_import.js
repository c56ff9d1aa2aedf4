/** The import of this tab. It goes on while the reader is on other pages; its id is also kept for a reload. */

import { ApiError, imports } from "../../api.js";
import { createStore } from "../../html.js";
import { asParameter } from "./column_mapping.js";

const STORED = "import";

/**
 * @typedef {{
 *   file: Blob | null, fileName: string, columns: Record<string, Api.ColumnChoice>, checked: boolean, isUploading: boolean,
 *   id: string | null, error: unknown, consent: string,
 * }} ImportState `consent`: whether these people agreed to get e-mails; "" until the reader has said so. `checked`: the file was checked with these columns. `columns` has what the reader chose for columns.
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
 * Sends the file. Leaving the page does not stop it.
 *
 * @param {{isDryRun: boolean}} options
 */
export async function startImport({ isDryRun }) {
  const { file, fileName: name, isUploading, consent, columns } = running.get();
  if (!file || isUploading) return;
  changeImport({ isUploading: true, id: null, error: null });
  try {
    const { import_id: id } = await imports.start(
      file,
      { columns: asParameter(columns), isDryRun, consent, name },
      new AbortController().signal,
    );
    if (running.get().file === file) changeImport({ id, checked: isDryRun });
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    changeImport({ error });
  } finally {
    changeImport({ isUploading: false });
  }
}
