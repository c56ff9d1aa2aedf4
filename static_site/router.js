/**
 * Shows pages by their addresses: patterns, the query as state, lazy pages, scroll and focus by history entry.
 *
 * The query is the fragment of the address: `/customers#search=asha`. A browser never sends it to a server, so what
 * readers search for is in no log, also when they load the page again or follow a link that they kept.
 */

import { useEffect, useMemo, useRef, useState } from "./html.js";

/**
 * Returns the first of `routes` (`[["/campaigns/:id", page], …]`) that matches the path, or null.
 *
 * @template Page
 * @param {[string, Page][]} routes
 * @param {string} path
 * @returns {{page: Page, params: Record<string, string>} | null}
 */
export function match(routes, path) {
  for (const [pattern, page] of routes) {
    const params = parameters(pattern.split("/"), path.replace(/(?<=.)\/$/, "").split("/"));
    if (params) return { page, params };
  }
  return null;
}

/**
 * @param {string[]} pattern
 * @param {string[]} parts
 */
function parameters(pattern, parts) {
  if (pattern.length !== parts.length) return null;
  /** @type {Record<string, string>} */
  const params = {};
  for (const [index, name] of pattern.entries()) {
    if (name.startsWith(":") && parts[index]) params[name.slice(1)] = decode(parts[index]);
    else if (name !== parts[index]) return null;
  }
  return params;
}

/**
 * Decodes a part of a path. A part with wrong encoding stays as it is.
 *
 * @param {string} part
 */
function decode(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/**
 * A place of the history. `entry` numbers the entries of this tab; `visit` changes with each page that is shown, but
 * not when only the query changes.
 *
 * @typedef {{path: string, query: string, entry: number, visit: number, isBack: boolean, notice?: string}} Place
 */

/** @type {Place} */
let place = { path: "/", query: "", entry: 0, visit: 0, isBack: false };
/** @type {Set<() => void>} */
const listeners = new Set();
/** @type {Set<() => string | null>} */
const guards = new Set();
/** @type {(question: string) => Promise<boolean>} */
let askToLeave = async () => true;
let isReturning = false; // the browser undoes a step that the reader has to confirm first

/**
 * Starts to follow links and the history.
 *
 * @param {{askToLeave: (question: string) => Promise<boolean>}} options
 */
export function startRouter(options) {
  askToLeave = options.askToLeave;
  history.scrollRestoration = "manual";
  const entry = history.state?.entry ?? 0;
  history.replaceState({ entry }, "", withQueryInFragment(location));
  place = { path: location.pathname, query: readFragment(), entry, visit: 1, isBack: entry > 0 };
  addEventListener("popstate", onPopState);
  addEventListener("beforeunload", onUnload);
  addEventListener("pagehide", rememberPosition);
  document.addEventListener("click", followLink);
}

/**
 * The address of a link that somebody kept from the time when the query was sent to the server, or made by hand.
 *
 * @param {{pathname: string, search: string, hash: string}} address
 */
export const withQueryInFragment = ({ pathname, search, hash }) =>
  pathname + (search.length > 1 ? `#${search.slice(1)}` : hash);

const readFragment = () => location.hash.slice(1);

const notify = () => {
  for (const listener of [...listeners]) listener();
};

/** The question of the first guard that does not let the reader go; null if all do. */
const leaveQuestion = () => [...guards].map((guard) => guard()).find((question) => question) ?? null;

/** @param {BeforeUnloadEvent} event */
const onUnload = (event) => {
  if (leaveQuestion()) event.preventDefault();
};

/** @param {PopStateEvent} event */
async function onPopState(event) {
  if (isReturning) {
    isReturning = false;
    return;
  }
  const entry = event.state?.entry ?? place.entry;
  const question = location.pathname === place.path ? null : leaveQuestion();
  if (!question) return enter({ entry, isBack: true });
  const step = entry - place.entry;
  isReturning = true;
  history.go(-step);
  if (!(await askToLeave(question))) return;
  guards.clear();
  history.go(step);
}

/** @param {{entry: number, isBack: boolean, notice?: string}} next */
function enter({ entry, isBack, notice }) {
  const isSamePage = location.pathname === place.path && !notice;
  if (!isSamePage) rememberPosition();
  const visit = isSamePage ? place.visit : place.visit + 1;
  place = { path: location.pathname, query: readFragment(), entry, visit, isBack, notice };
  notify();
}

/**
 * Goes to another page. The page shows the `notice` at its top.
 *
 * @param {string} to A path, with its query.
 * @param {{replace?: boolean, notice?: string}} [options]
 */
export async function navigate(to, { replace = false, notice } = {}) {
  const question = leaveQuestion();
  if (question && !(await askToLeave(question))) return;
  rememberPosition();
  const entry = replace ? place.entry : place.entry + 1;
  history[replace ? "replaceState" : "pushState"]({ entry }, "", to);
  enter({ entry, isBack: false, notice });
}

/**
 * Follows a link to another page of the site without loading a new document. A link to a part of the page moves the
 * focus there, because the address keeps the query. The browser follows all other links.
 *
 * @param {MouseEvent} event
 */
function followLink(event) {
  const link = event.target instanceof Element ? event.target.closest("a") : null;
  const isPlain = event.button === 0 && !(event.metaKey || event.ctrlKey || event.shiftKey || event.altKey);
  const href = link?.getAttribute("href");
  if (!(link && href) || link.hasAttribute("download")) return;
  if (!isPlain || event.defaultPrevented || link.target || link.origin !== location.origin) return;
  event.preventDefault();
  if (href.startsWith("#")) document.getElementById(href.slice(1))?.focus();
  else navigate(withQueryInFragment(link));
}

/**
 * Changes the path of the page that is shown, which stays as it is: for a page that has just got an address of its own.
 *
 * @param {string} to
 */
export function renamePage(to) {
  history.replaceState({ entry: place.entry }, "", to);
  place = { ...place, path: location.pathname, query: readFragment() };
  notify();
}

/** The current place. The component is rendered again when it changes. */
export function usePlace() {
  const [current, setCurrent] = useState(place);
  useEffect(() => {
    const listener = () => setCurrent(place);
    listeners.add(listener);
    listener();
    return () => {
      listeners.delete(listener);
    };
  }, []);
  return current;
}

/**
 * The address with some parameters of the query changed. Empty ones and defaults are left out.
 *
 * @param {string} path
 * @param {string} query
 * @param {Record<string, string | null | undefined>} changes
 * @param {Record<string, string>} [defaults]
 */
export function addressWith(path, query, changes, defaults = {}) {
  const values = new URLSearchParams(query);
  for (const [name, value] of Object.entries(changes)) {
    if (value === null || value === undefined || value === (defaults[name] ?? "")) values.delete(name);
    else values.set(name, value);
  }
  return values.size ? `${path}#${values}` : path;
}

/**
 * The query of the address as state: `const [query, setQuery] = useQuery({search: "", sort: "-created_at"})`. A
 * parameter that has its default is not in the address. `setQuery(changes, {push: true})` makes a step for Back.
 *
 * @template {Record<string, string>} Query
 * @param {Query} defaults
 * @returns {[Query, (changes: Partial<Query>, options?: {push?: boolean}) => void]}
 */
export function useQuery(defaults) {
  const { query: text } = usePlace();
  const query = useMemo(() => readQuery(text, defaults), [text, JSON.stringify(defaults)]);
  /**
   * @param {Partial<Query>} changes
   * @param {{push?: boolean}} [options]
   */
  const setQuery = (changes, { push = false } = {}) => {
    const to = addressWith(location.pathname, readFragment(), changes, defaults);
    if (to === location.pathname + location.hash) return;
    const entry = push ? place.entry + 1 : place.entry;
    history[push ? "pushState" : "replaceState"]({ entry }, "", to);
    enter({ entry, isBack: false });
  };
  return [query, setQuery];
}

/**
 * @template {Record<string, string>} Query
 * @param {string} query
 * @param {Query} defaults
 * @returns {Query}
 */
export function readQuery(query, defaults) {
  const values = new URLSearchParams(query);
  const entries = Object.entries(defaults).map(([name, value]) => [name, values.get(name) ?? value]);
  return /** @type {Query} */ (Object.fromEntries(entries));
}

/**
 * Asks the reader before they leave the page while `question()` returns a text. It is called at that moment, so that
 * what has just been saved needs no question. Null lets them go.
 *
 * @param {() => string | null} question
 */
export function useLeaveGuard(question) {
  const latest = useRef(question);
  latest.current = question;
  useEffect(() => {
    const guard = () => latest.current();
    guards.add(guard);
    return () => {
      guards.delete(guard);
    };
  }, []);
}

const POSITIONS = "positions";

/** @returns {Record<string, {top: number, href: string | null}>} */
const readPositions = () => JSON.parse(sessionStorage.getItem(POSITIONS) ?? "{}");

/** Remembers how far the reader has scrolled, and the link that has the focus. */
function rememberPosition() {
  const href = document.activeElement?.getAttribute("href") ?? null;
  const positions = { ...readPositions(), [place.entry]: { top: scrollY, href } };
  sessionStorage.setItem(POSITIONS, JSON.stringify(positions));
}

/**
 * Restores the position of a history entry that the reader comes back to. A new entry begins at the top with the focus
 * on `main`.
 *
 * @param {Place} shown
 * @param {HTMLElement} main
 */
export function restorePosition({ entry, isBack }, main) {
  const position = isBack ? readPositions()[entry] : undefined;
  main.focus({ preventScroll: true });
  scrollTo(0, position?.top ?? 0);
  if (!position) return;
  const link = position.href && main.querySelector(`a[href="${CSS.escape(position.href)}"]`);
  if (link instanceof HTMLElement) link.focus({ preventScroll: true });
  waitForHeight(position.top, main);
}

/**
 * Scrolls again when the page becomes tall enough, unless the reader scrolls first.
 *
 * @param {number} top
 * @param {HTMLElement} main
 */
function waitForHeight(top, main) {
  if (scrollY >= top - 1) return;
  const signal = AbortSignal.timeout(3000);
  const observer = new ResizeObserver(() => {
    scrollTo(0, top);
    if (scrollY >= top - 1) observer.disconnect();
  });
  observer.observe(main);
  const stop = () => observer.disconnect();
  signal.addEventListener("abort", stop);
  for (const name of ["wheel", "touchstart", "keydown"]) addEventListener(name, stop, { once: true, signal });
}
