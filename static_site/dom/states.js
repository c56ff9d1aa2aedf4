/** Panels, and what a panel shows while it has no content: loading, empty, failed. */

import { el } from "./dom.js";
import { button } from "./forms.js";

export const loading = (text = "Loading…") => el("p", { class: "is-loading" }, text);

/**
 * @param {string} text
 * @param {...HTMLElement} actions
 */
export const empty = (text, ...actions) => el("div", { class: "is-empty" }, el("p", {}, text), ...actions);

/**
 * @param {unknown} error
 * @param {() => unknown} [retry]
 */
export const failed = (error, retry) =>
  el(
    "div",
    { class: "is-failed", role: "alert" },
    el("p", {}, error instanceof Error ? error.message : String(error)),
    retry && button("Try again", { onclick: retry }),
  );

/**
 * Shows the result of `load()` in `container`. Until then it shows that it is loading, or why loading failed.
 *
 * @param {HTMLElement} container
 * @param {() => Promise<Node>} load
 * @param {AbortSignal} signal
 */
export async function loadInto(container, load, signal) {
  container.replaceChildren(loading());
  try {
    container.replaceChildren(await load());
  } catch (error) {
    if (!signal.aborted) container.replaceChildren(failed(error, () => loadInto(container, load, signal)));
  }
}

/**
 * Creates a part of a page with its own title. The `actions` are beside the title.
 *
 * @param {string} title
 * @param {Ui.Attributes & {actions?: HTMLElement[]}} [attributes]
 * @param {...Ui.Child} children
 */
export const panel = (title, { actions = [], ...attributes } = {}, ...children) =>
  el(
    "section",
    { class: "panel", "aria-label": title, ...attributes },
    el("header", { class: "panel-header" }, el("h2", {}, title), ...actions),
    ...children,
  );
