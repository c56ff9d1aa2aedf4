/** The import of this tab. It goes on while the reader is on other pages; its id is also kept for a reload. */

import { ApiError, imports } from "../../api.js";
import { useEffect, useReducer } from "../../html.js";

const STORED = "import";

/**
 * @typedef {{
 *   file: Blob | null, fileName: string, columns: Record<string, string>, checked: boolean, isUploading: boolean,
 *   id: string | null, error: unknown,
 * }} ImportState `checked`: the file was checked with these columns. `columns` are the fields that the reader chose.
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
});

/** @type {ImportState} */
let state = { ...fresh(), id: sessionStorage.getItem(STORED) };
/** @type {Set<() => void>} */
const listeners = new Set();

/** @param {Partial<ImportState>} changes */
export function changeImport(changes) {
  state = { ...state, ...changes };
  if (state.id) sessionStorage.setItem(STORED, state.id);
  else sessionStorage.removeItem(STORED);
  for (const listener of listeners) listener();
}

/** Begins again without a file. */
export const resetImport = () => changeImport(fresh());

/** The import of this tab. The component is rendered again when it changes. */
export function useImport() {
  const [, render] = useReducer((/** @type {number} */ count) => count + 1, 0);
  useEffect(() => {
    const listener = () => render(undefined);
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
    };
  }, []);
  return state;
}

/**
 * Sends the file. Leaving the page does not stop it.
 *
 * @param {{isDryRun: boolean, columns: Record<string, string>}} options
 */
export async function startImport({ isDryRun, columns }) {
  const { file } = state;
  if (!file || state.isUploading) return;
  changeImport({ isUploading: true, id: null, error: null });
  try {
    const mapping = Object.keys(columns).length ? JSON.stringify(columns) : null;
    const { import_id: id } = await imports.start(file, { columns: mapping, isDryRun }, new AbortController().signal);
    if (state.file === file) changeImport({ id, checked: isDryRun });
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    changeImport({ error });
  } finally {
    changeImport({ isUploading: false });
  }
}
