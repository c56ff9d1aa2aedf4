/** Asks again and again, gently. */

const HIDDEN = 15_000;
const SHORTEST = 1000;
const SLOWEST = 30_000;

/**
 * Calls `step(signal)`, which answers after how many ms it is to be called again, until `signal` is aborted: more
 * rarely while the tab is hidden, and with growing pauses while it fails, each failure going to `onError`.
 */
export async function poll(step, { onError, signal }) {
  for (let wait = SHORTEST; !signal.aborted;) {
    try {
      wait = await step(signal);
    } catch (error) {
      if (signal.aborted) return;
      onError(error);
      wait = Math.min(2 * wait, SLOWEST);
    }
    await pause(document.hidden ? Math.max(wait, HIDDEN) : wait, signal);
  }
}

/** Polls, and does so `again()` from the start when something has just changed; `stop()` ends it until then. */
export function watch(step, { onError, signal }) {
  let current = new AbortController();
  const stop = () => current.abort();
  const again = () => {
    stop();
    current = new AbortController();
    poll(step, { onError, signal: AbortSignal.any([signal, current.signal]) });
  };
  again();
  return { again, stop };
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
