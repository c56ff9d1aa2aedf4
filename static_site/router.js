/** Pages by their paths, through the History API. */

/** The first of `routes` (`[["/campaigns/:id", page], …]`) that fits: `{page, params}`, or null. */
export function match(routes, path) {
  for (const [pattern, page] of routes) {
    const params = parameters(pattern.split("/"), path.replace(/(?<=.)\/$/, "").split("/"));
    if (params) return { page, params };
  }
  return null;
}

function parameters(pattern, parts) {
  if (pattern.length !== parts.length) return null;
  const params = {};
  for (const [index, name] of pattern.entries()) {
    if (name.startsWith(":") && parts[index]) params[name.slice(1)] = decode(parts[index]);
    else if (name !== parts[index]) return null;
  }
  return params;
}

/** A path that is not well encoded names nothing; it is taken as it is. */
function decode(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

let onPath = () => {};
let shown;

/** Calls `callback(path, notice)` for the page's path now and for each one the reader goes to. */
export function startRouter(callback) {
  onPath = callback;
  addEventListener("popstate", () => location.pathname !== shown && show()); // "#content" is the same page
  document.addEventListener("click", followLink);
  show();
}

function show(notice) {
  shown = location.pathname;
  onPath(shown, notice);
}

/** Goes to another page, which shows the `notice`, if there is one, at its top. */
export function navigate(path, { replace = false, notice } = {}) {
  history[replace ? "replaceState" : "pushState"](null, "", path);
  if (!replace) scrollTo(0, 0);
  show(notice);
}

/** Links between pages load nothing anew; those that open elsewhere or point into the page stay the browser's. */
function followLink(event) {
  const link = event.target.closest?.("a[href]");
  const isPlain = event.button === 0 && !(event.metaKey || event.ctrlKey || event.shiftKey || event.altKey);
  if (!link || !isPlain || event.defaultPrevented || link.target || link.origin !== location.origin) return;
  if (link.getAttribute("href").startsWith("#")) return;
  event.preventDefault();
  navigate(link.pathname);
}
