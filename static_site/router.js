/** Shows pages by their paths, with the History API. */

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

/** @type {(path: string, notice?: string) => void} */
let onPath = () => {};
/** @type {string | undefined} */
let current;

/**
 * Calls `callback(path, notice)` for the current path, and for each path that the reader goes to.
 *
 * @param {(path: string, notice?: string) => void} callback
 */
export function startRouter(callback) {
  onPath = callback;
  addEventListener("popstate", () => location.pathname !== current && show()); // "#content" is the same page
  document.addEventListener("click", followLink);
  show();
}

/** @param {string} [notice] */
function show(notice) {
  current = location.pathname;
  onPath(current, notice);
}

/**
 * Goes to another page. The page shows the `notice` at its top.
 *
 * @param {string} path
 * @param {{replace?: boolean, notice?: string}} [options]
 */
export function navigate(path, { replace = false, notice } = {}) {
  history[replace ? "replaceState" : "pushState"](null, "", path);
  if (!replace) scrollTo(0, 0);
  show(notice);
}

/**
 * Follows a link to another page of the site without loading a new document. The browser follows all other links.
 *
 * @param {MouseEvent} event
 */
function followLink(event) {
  const link = event.target instanceof Element ? event.target.closest("a") : null;
  const isPlain = event.button === 0 && !(event.metaKey || event.ctrlKey || event.shiftKey || event.altKey);
  const href = link?.getAttribute("href");
  if (!(link && href) || href.startsWith("#")) return;
  if (!isPlain || event.defaultPrevented || link.target || link.origin !== location.origin) return;
  event.preventDefault();
  navigate(link.pathname);
}
