/** Only the newest counts. */

/**
 * A function that runs `work(input, signal)` once no newer call came for `delay` ms. A newer call aborts the `signal`
 * of an older one that is still under way, and `cancel()` does the same without starting anything.
 */
export function latest(work, delay) {
  let current = new AbortController();
  let timer;
  const cancel = () => {
    clearTimeout(timer);
    current.abort();
  };
  const ask = (input) => {
    cancel();
    const { signal } = (current = new AbortController());
    timer = setTimeout(() => work(input, signal), delay);
  };
  return Object.assign(ask, { cancel });
}
