/** Shows a page of the old ground, a function that returns an element, inside the new frame. */

import { getFields } from "./api.js";
import { html, useEffect, useRef } from "./html.js";
import { loadStyles } from "./theme.js";

/** @typedef {(options: Ui.PageOptions) => HTMLElement} OldPage */

/**
 * What a route loads for such a page: `{load: oldPage(async () => (await import("…")).campaignPage)}`.
 *
 * @param {() => Promise<OldPage>} load
 */
export const oldPage = (load) => async () => {
  const [page, fields, { setFields }] = await Promise.all([
    load(),
    getFields(new AbortController().signal),
    import("./data/fields.js"),
    loadStyles("old"),
  ]);
  setFields(fields.items);
  return { default: (/** @type {any} */ props) => html`<${OldElement} page=${page} ...${props} />` };
};

/** @param {{page: OldPage, params: Record<string, string>, me: Api.Me, notice?: string}} props */
function OldElement({ page, params, me, notice }) {
  const place = useRef(/** @type {HTMLElement | null} */ (null));
  useEffect(() => {
    const over = new AbortController();
    const element = page({ me, params, signal: over.signal });
    if (notice) element.prepend(noticeElement(notice));
    place.current?.replaceChildren(element);
    return () => over.abort();
  }, [page, me]);
  return html`<div ref=${place}></div>`;
}

/** @param {string} text */
function noticeElement(text) {
  const element = document.createElement("p");
  element.className = "notice";
  element.setAttribute("role", "alert");
  element.textContent = text;
  return element;
}
