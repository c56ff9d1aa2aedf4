/** What a panel shows when it has nothing to show: loading, empty, failed. */

import { el } from "./dom.js";
import { button } from "./forms.js";

export const loading = (text = "Loading…") => el("p", { class: "is-loading" }, text);

export const empty = (text, ...actions) => el("div", { class: "is-empty" }, el("p", {}, text), ...actions);

export const failed = (error, retry) =>
  el(
    "div",
    { class: "is-failed", role: "alert" },
    el("p", {}, error.message),
    retry && button("Try again", { onclick: retry }),
  );

/** Puts what `load()` gives into `place`; on the way there it says that it is loading, or why it failed. */
export async function fill(place, load, signal) {
  place.replaceChildren(loading());
  try {
    place.replaceChildren(await load());
  } catch (error) {
    if (!signal.aborted) place.replaceChildren(failed(error, () => fill(place, load, signal)));
  }
}

/** A part of a page with a title of its own; `actions` stand beside the title. */
export const panel = (title, { actions = [], ...attributes } = {}, ...children) =>
  el(
    "section",
    { class: "panel", "aria-label": title, ...attributes },
    el("header", { class: "panel-header" }, el("h2", {}, title), ...actions),
    ...children,
  );
