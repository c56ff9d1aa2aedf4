/** Calls a function again and again, with pauses. */

const HIDDEN_WAIT = 15_000;
const FIRST_RETRY = 1000;
const MAX_WAIT = 30_000;

/**
 * @typedef {(signal: AbortSignal) => Promise<number>} Step Returns after how many ms it is called again.
 * @typedef {{onError?: (error: unknown) => void, signal: AbortSignal}} PollOptions
 */

/**
 * Calls `step(signal)` until `signal` is aborted. The pauses are longer while the tab is hidden, and grow while `step`
 * fails. Each failure goes to `onError`.
 *
 * @param {Step} step
 * @param {PollOptions} options
 */
export async function poll(step, { onError = () => {}, signal }) {
  let wait = FIRST_RETRY;
  while (!signal.aborted) {
    try {
      wait = await step(signal);
    } catch (error) {
      if (signal.aborted) return;
      onError(error);
      wait = Math.min(2 * wait, MAX_WAIT);
    }
    await pause(document.hidden ? Math.max(wait, HIDDEN_WAIT) : wait, signal);
  }
}

/**
 * Polls. `restart()` polls again at once, after something has changed. `stop()` ends polling until then.
 *
 * @param {Step} step
 * @param {PollOptions} options
 */
export function watch(step, { onError, signal }) {
  let current = new AbortController();
  const stop = () => current.abort();
  const restart = () => {
    stop();
    current = new AbortController();
    poll(step, { onError, signal: AbortSignal.any([signal, current.signal]) });
  };
  restart();
  return { restart, stop };
}

/**
 * Waits for `duration` ms. Ends earlier when the reader comes back to the tab or leaves the page.
 *
 * @param {number} duration
 * @param {AbortSignal} signal
 * @returns {Promise<void>}
 */
function pause(duration, signal) {
  return new Promise((resolve) => {
    const over = new AbortController();
    const end = () => {
      clearTimeout(timer);
      over.abort();
      resolve();
    };
    const timer = setTimeout(end, duration);
    document.addEventListener("visibilitychange", () => document.hidden || end(), { signal: over.signal });
    signal.addEventListener("abort", end, { signal: over.signal });
  });
}
