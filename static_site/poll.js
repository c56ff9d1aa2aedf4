/** Asks again and again, gently. */

const HIDDEN = 15_000;
const SLOWEST = 30_000;

/**
 * Calls `step` every `interval` ms until it answers true or `signal` is aborted: more rarely while the tab is hidden,
 * and with growing pauses while it fails, each failure going to `onError`.
 */
export async function poll(step, { interval = 1000, onError, signal }) {
  for (let failures = 0; !signal.aborted;) {
    try {
      if (await step()) return;
      failures = 0;
    } catch (error) {
      if (signal.aborted) return;
      onError(error);
      failures += 1;
    }
    await pause(document.hidden ? HIDDEN : Math.min(interval * 2 ** failures, SLOWEST), signal);
  }
}

/** Ends early when the reader comes back to the tab or leaves the page. */
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
