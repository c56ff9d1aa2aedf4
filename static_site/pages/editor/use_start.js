/** When a campaign starts. The draft does not hold it, so it is kept in the tab. */

import { nextHour, toInputTime } from "../../data/start_time.js";
import { useState } from "../../html.js";

/**
 * `mode` is `now`, or `at` for a time of the reader's clock; `iso` is that time if it is in the future.
 *
 * @param {string | null} id
 */
export function useStart(id) {
  const [{ mode, at }, set] = useState(() => stored(id));
  /** @param {{mode?: string, at?: string}} changes */
  const change = (changes) => {
    const next = { mode, at, ...changes };
    sessionStorage.setItem(`start ${id}`, JSON.stringify(next));
    set(next);
  };
  const time = new Date(at);
  const isValid = mode === "now" || time.getTime() > Date.now();
  return {
    mode,
    at,
    setMode: (/** @type {string} */ value) => change({ mode: value }),
    setAt: (/** @type {string} */ value) => change({ at: value }),
    isValid,
    iso: mode === "at" && isValid ? time.toISOString() : undefined,
  };
}

/**
 * @param {string | null} id
 * @returns {{mode: string, at: string}}
 */
function stored(id) {
  const kept = sessionStorage.getItem(`start ${id}`);
  return kept ? JSON.parse(kept) : { mode: "now", at: toInputTime(nextHour(new Date())) };
}
