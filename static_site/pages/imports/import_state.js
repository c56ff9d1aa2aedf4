/** What the state of an import means for the pages. */

const POLL = 500;
const RUNNING_STATES = ["uploading", "processing"];

/** @param {Pick<Api.ImportStatus, "state">} status */
export const isRunningImport = ({ state }) => RUNNING_STATES.includes(state);

/**
 * How often the page asks for the state; null if it changes no more.
 *
 * @param {Pick<Api.ImportStatus, "state" | "undo"> | undefined} status
 */
export const pollInterval = (status) =>
  status && (isRunningImport(status) || status.undo?.state === "running") ? POLL : null;

/**
 * The state in one word: that of the undo, if there is one.
 *
 * @param {Pick<Api.ImportStatus, "state" | "undo">} status
 */
export function stateName({ state, undo }) {
  if (!undo) return state;
  return undo.state === "done" ? "undone" : "undoing";
}

/**
 * Whether the reader can undo it now.
 *
 * @param {Pick<Api.ImportStatus, "state" | "undo" | "undo_until">} status
 * @param {number} now
 */
export const canUndo = ({ state, undo, undo_until: until }, now = Date.now()) =>
  !undo && until !== null && Date.parse(until) > now && ["completed", "failed", "cancelled"].includes(state);

/**
 * Why people were kept, the most frequent reason first.
 *
 * @param {Api.ImportUndo["kept"]} kept
 */
export const reasonsKept = (kept) =>
  /** @type {[keyof Api.ImportUndo["kept"], number][]} */ (Object.entries(kept))
    .filter(([, people]) => people > 0)
    .toSorted(([, left], [, right]) => right - left);
