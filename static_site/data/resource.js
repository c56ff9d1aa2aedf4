/**
 * Data of the server by its key, usually the address: one request a key, the last value at once, and the new one as
 * soon as it is there. `invalidate` loads again what a change has made old.
 */

import { useEffect, useReducer, useRef, useState } from "../html.js";

const FRESH = 1000; // ms in which a second component does not load again
const LONGEST_PAUSE = 30_000;
const GROWTH = 1.5; // of the pauses between two polls, while nothing changes

/**
 * @typedef {{
 *   value: any, error: unknown, at: number, running: AbortController | null, work: Promise<void> | null,
 *   listeners: Set<() => void>, load: ((signal: AbortSignal) => Promise<any>) | null,
 * }} Entry
 */

/** @type {Map<string, Entry>} */
const entries = new Map();

/** @param {string} key */
function entryOf(key) {
  const known = entries.get(key);
  if (known) return known;
  /** @type {Entry} */
  const entry = { value: undefined, error: null, at: 0, running: null, work: null, listeners: new Set(), load: null };
  entries.set(key, entry);
  return entry;
}

/** @param {Entry} entry */
const notify = (entry) => {
  for (const listener of [...entry.listeners]) listener();
};

/**
 * Loads the value of a key, or joins the request that is on its way. Never throws: the error is in the entry.
 *
 * @param {string} key
 * @returns {Promise<void>}
 */
export function refresh(key) {
  const entry = entryOf(key);
  if (!entry.load) return Promise.resolve();
  entry.work ??= run(entry, entry.load).finally(() => {
    entry.work = null;
    notify(entry);
  });
  return entry.work;
}

/**
 * @param {Entry} entry
 * @param {(signal: AbortSignal) => Promise<any>} load
 */
async function run(entry, load) {
  const running = new AbortController();
  entry.running = running;
  try {
    const value = await load(running.signal);
    if (entry.running === running) accept(entry, value);
  } catch (error) {
    if (entry.running === running && !running.signal.aborted) entry.error = error;
  }
  if (entry.running === running) entry.running = null;
}

/**
 * An equal value keeps its identity, so that nothing is painted again.
 *
 * @param {Entry} entry
 * @param {unknown} value
 */
function accept(entry, value) {
  if (JSON.stringify(value) !== JSON.stringify(entry.value)) entry.value = value;
  entry.error = null;
  entry.at = Date.now();
}

/** @param {Entry} entry */
function abort(entry) {
  entry.running?.abort();
  entry.running = null;
  entry.work = null;
}

/**
 * The value of a key as far as it is known.
 *
 * @param {string} key
 */
export const peek = (key) => entries.get(key)?.value;

/**
 * Sets the value of a key without a request, for example from the answer of a change.
 *
 * @param {string} key
 * @param {unknown} value
 */
export function setResource(key, value) {
  const entry = entryOf(key);
  abort(entry);
  accept(entry, value);
  notify(entry);
}

/**
 * Marks all values whose key begins with one of the `prefixes` as old. Those on the page are loaded again now, the
 * others when they are shown.
 *
 * @param {...string} prefixes
 */
export async function invalidate(...prefixes) {
  const old = [...entries].filter(([key]) => prefixes.some((prefix) => key.startsWith(prefix)));
  const shown = old.filter(([, entry]) => {
    abort(entry);
    entry.at = 0;
    return entry.listeners.size > 0;
  });
  await Promise.all(shown.map(([key]) => refresh(key)));
}

/** Forgets everything, for the next user. */
export function clearResources() {
  for (const entry of entries.values()) abort(entry);
  entries.clear();
}

/**
 * Runs a change, and then loads again what it made old: `mutate(() => campaigns.pause(id), "/api/campaigns")`.
 *
 * @template Result
 * @param {() => Promise<Result>} work
 * @param {...string} prefixes
 */
export async function mutate(work, ...prefixes) {
  try {
    return await work();
  } finally {
    await invalidate(...prefixes);
  }
}

/**
 * @template Value
 * @typedef {{
 *   data: Value | undefined, error: unknown, isLoading: boolean, isOld: boolean, reload: () => Promise<void>,
 * }} Resource `isLoading`: there is nothing to show yet. `isOld`: the data belongs to the key before, or failed to load.
 */

/**
 * The value of `key`. `load(signal)` loads it. A null key loads nothing. `every` polls: ms, or a function of the data
 * that returns ms or null; the pauses grow while nothing changes and there are none while the tab is hidden.
 * `keep` shows the data of the key before until the new data is there, as for a search.
 *
 * @template Value
 * @param {string | null} key
 * @param {(signal: AbortSignal) => Promise<Value>} load
 * @param {{every?: number | ((data: Value) => number | null), keep?: boolean}} [options]
 * @returns {Resource<Value>}
 */
export function useResource(key, load, { every, keep = false } = {}) {
  const [, render] = useReducer((/** @type {number} */ count) => count + 1, 0);
  const latest = useRef({ load, every });
  latest.current = { load, every };
  const before = useRef(/** @type {Value | undefined} */ (undefined));
  useEffect(() => {
    if (key === null) return;
    const stop = subscribe(
      key,
      (signal) => latest.current.load(signal),
      () => render(undefined),
    );
    const stopPolling = every === undefined ? () => {} : poll(key, () => latest.current.every);
    return () => {
      stopPolling();
      stop();
    };
  }, [key]);
  const entry = key === null ? undefined : entries.get(key);
  if (entry?.value !== undefined) before.current = entry.value;
  const data = entry?.value ?? (keep ? before.current : undefined);
  const error = entry?.error ?? null;
  return {
    data,
    error,
    isLoading: key !== null && data === undefined && !error,
    isOld: data !== undefined && (entry?.value === undefined || Boolean(error)),
    reload: async () => (key === null ? undefined : refresh(key)),
  };
}

/**
 * Shows a key: loads it unless it is fresh. The last one who leaves aborts the request.
 *
 * @param {string} key
 * @param {(signal: AbortSignal) => Promise<any>} load
 * @param {() => void} listener
 */
export function subscribe(key, load, listener) {
  const entry = entryOf(key);
  entry.load = load;
  entry.listeners.add(listener);
  if (Date.now() - entry.at > FRESH) refresh(key);
  listener();
  return () => {
    entry.listeners.delete(listener);
    if (!entry.listeners.size) abort(entry);
  };
}

/**
 * The pause before the next poll: it grows while nothing changes, and starts again after a change.
 *
 * @param {number} base
 * @param {number} unchanged How many polls brought nothing new.
 */
export const pauseAfter = (base, unchanged) => Math.max(base, Math.min(base * GROWTH ** unchanged, LONGEST_PAUSE));

/**
 * @param {string} key
 * @param {() => number | ((data: any) => number | null) | undefined} interval
 */
function poll(key, interval) {
  const over = new AbortController();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  let unchanged = 0;
  const plan = () => {
    clearTimeout(timer);
    const every = interval();
    const base = typeof every === "function" ? every(peek(key)) : every;
    if (over.signal.aborted || document.hidden || !base) return;
    timer = setTimeout(step, pauseAfter(base, unchanged));
  };
  let seen = peek(key);
  const step = async () => {
    unchanged += 1;
    await refresh(key);
    plan();
  };
  const onChange = () => {
    if (peek(key) === seen) return;
    seen = peek(key);
    unchanged = 0;
    plan();
  };
  const onVisibility = () => {
    clearTimeout(timer);
    if (!document.hidden) step();
  };
  document.addEventListener("visibilitychange", onVisibility, { signal: over.signal });
  entryOf(key).listeners.add(onChange);
  (entryOf(key).work ?? Promise.resolve()).then(plan);
  return () => {
    entryOf(key).listeners.delete(onChange);
    over.abort();
    clearTimeout(timer);
  };
}

/** Whether the browser has a network. When it is back, what is on the page is loaded again. */
export function useOnline() {
  const [isOnline, setOnline] = useState(navigator.onLine);
  useEffect(() => {
    const change = () => {
      setOnline(navigator.onLine);
      if (navigator.onLine) invalidate("");
    };
    const over = new AbortController();
    for (const name of ["online", "offline"]) addEventListener(name, change, { signal: over.signal });
    return () => over.abort();
  }, []);
  return isOnline;
}

/**
 * @template Item
 * @typedef {{
 *   items: Item[] | undefined, first: Api.Page<Item> | undefined, hasMore: boolean, error: unknown, isLoading: boolean, isOld: boolean,
 *   isLoadingMore: boolean, loadMore: () => Promise<void>, reload: () => Promise<void>,
 * }} Pages
 */

const MAX_LIMIT = 200; // items that the server returns at once
const MAX_SHOWN = 20; // pages that an address can ask for
const MAX_EMPTY_PAGES = 5; // empty pages that are skipped before the reader has to ask for more

/**
 * The number of pages in an address; 1 if it is no such number.
 *
 * @param {string} typed
 */
export const readShown = (typed) => Math.min(Math.max(Math.floor(Number(typed)) || 1, 1), MAX_SHOWN);

/**
 * A list that is loaded page by page: `load({after, limit}, signal)` returns `{items, next}`. What the reader has
 * loaded stays in the cache, so that Back shows all of it. `shown` is how many pages are loaded at first, as the address
 * says; `onShown(pages)` tells when there are more. `first` is the first answer, with what else it has.
 *
 * @template Item
 * @param {string} key
 * @param {(page: {after: string | null, limit: number}, signal?: AbortSignal) => Promise<Api.Page<Item>>} load
 * @param {{
 *   size?: number, every?: number | ((page: Api.Page<Item>) => number | null), shown?: string,
 *   onShown?: (pages: string) => unknown,
 * }} [options]
 * @returns {Pages<Item>}
 */
export function usePages(key, load, { size = 50, every, shown = "1", onShown } = {}) {
  const isLoadingMore = useRef(false);
  const [, render] = useReducer((/** @type {number} */ count) => count + 1, 0);
  /** @param {AbortSignal} signal */
  const loadAgain = (signal) => {
    const known = peek(key);
    const limit = Math.max(size * readShown(shown), known?.items.length ?? 0);
    return known && limit > MAX_LIMIT ? Promise.resolve(known) : firstItems(load, limit, signal);
  };
  const resource = useResource(key, loadAgain, { every, keep: true });
  const loadMore = async () => {
    const known = peek(key);
    if (isLoadingMore.current || !known?.next) return;
    isLoadingMore.current = true;
    render(undefined);
    try {
      const page = await load({ after: known.next, limit: size });
      setResource(key, { ...known, items: [...known.items, ...page.items], next: page.next });
      onShown?.(String(readShown(shown) + 1));
    } finally {
      isLoadingMore.current = false;
      render(undefined);
    }
  };
  const { data, ...state } = resource;
  const hasMore = Boolean(data?.next);
  return { ...state, items: data?.items, first: data, hasMore, isLoadingMore: isLoadingMore.current, loadMore };
}

/**
 * The first items, in as many requests as the server needs for them. A filter can leave empty pages in the middle, which
 * are skipped at the beginning.
 *
 * @template Item
 * @param {(page: {after: string | null, limit: number}, signal?: AbortSignal) => Promise<Api.Page<Item>>} load
 * @param {number} limit
 * @param {AbortSignal} [signal]
 */
export async function firstItems(load, limit, signal) {
  let page = await load({ after: null, limit: Math.min(limit, MAX_LIMIT) }, signal);
  for (let tries = 1; !page.items.length && page.next && tries < MAX_EMPTY_PAGES; tries += 1) {
    page = await load({ after: page.next, limit: Math.min(limit, MAX_LIMIT) }, signal);
  }
  for (let asked = MAX_LIMIT; asked < limit && page.next; asked += MAX_LIMIT) {
    const more = await load({ after: page.next, limit: Math.min(limit - asked, MAX_LIMIT) }, signal);
    page = { ...page, items: [...page.items, ...more.items], next: more.next };
  }
  return page;
}
