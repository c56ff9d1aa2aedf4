/** Runs only the newest of several calls. */

/**
 * Returns a function that runs `work(input, signal)` after `delay` ms without a newer call. A newer call aborts the
 * `signal` of the call before it. `cancel()` does the same and starts nothing.
 *
 * @template Input
 * @param {(input: Input, signal: AbortSignal) => unknown} work
 * @param {number} delay
 * @returns {((input: Input) => void) & {cancel: () => void}}
 */
export function debounce(work, delay) {
  let current = new AbortController();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  const cancel = () => {
    clearTimeout(timer);
    current.abort();
  };
  /** @param {Input} input */
  const call = (input) => {
    cancel();
    current = new AbortController();
    const { signal } = current;
    timer = setTimeout(() => work(input, signal), delay);
  };
  return Object.assign(call, { cancel });
}
