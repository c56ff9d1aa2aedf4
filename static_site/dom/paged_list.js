/** A list that is loaded page by page. */

import { announce, el } from "./dom.js";
import { busy, button } from "./forms.js";
import { failed, loading } from "./states.js";

const MAX_LIMIT = 200; // items that the server returns at once
const MAX_EMPTY_PAGES = 5; // empty pages that are skipped before the reader has to ask for more

/**
 * `load(after, signal, atLeast)` returns a page. `render(items)` returns an element for all items so far.
 * `renderEmpty(hasMore)` returns an element for an empty list; with `hasMore`, further pages may have items.
 *
 * @template Item
 * @typedef {{
 *   load: (after: string | null, signal: AbortSignal, atLeast: number) => Promise<Api.Page<Item>>,
 *   render: (items: Item[]) => HTMLElement,
 *   renderEmpty: (hasMore: boolean) => HTMLElement,
 *   signal: AbortSignal,
 * }} PagedListOptions
 */

/** @template Item */
export class PagedList {
  /** @type {Item[]} */
  #items = [];
  /** @type {string | null} */
  #rendered = null; // what is on the page, as JSON
  /** @type {string | null} */
  #next = null;
  #loads = 0;
  #current = new AbortController();
  #content = el("div", {}, loading());
  #more = button("Load more", { onclick: () => busy([this.#more], () => this.#load(this.#next)) });
  #options;

  /** @param {PagedListOptions<Item>} options */
  constructor(options) {
    this.#options = options;
    this.element = el("div", { class: "paged" }, this.#content, el("div", { class: "more" }, this.#more));
    this.#more.hidden = true;
  }

  get items() {
    return this.#items;
  }

  get isEmpty() {
    return this.#items.length === 0;
  }

  /** Whether there may be further items, which the reader can load. */
  get hasMore() {
    return Boolean(this.#next);
  }

  get isLoading() {
    return this.#loads > 0;
  }

  /** Loads the first page. The old items stay visible until then. Never throws: the list shows the error. */
  reload() {
    this.#rendered = null;
    this.#more.hidden = true; // it would add items to the old list
    return this.#load(null);
  }

  /** Updates all visible items. The reader's position stays. Never throws: the list shows the error. */
  async refresh() {
    if (!this.isLoading && this.#items.length <= MAX_LIMIT) await this.#load(null, this.#items.length);
  }

  /**
   * @param {string | null} after
   * @param {number} [atLeast]
   */
  async #load(after, atLeast = 0) {
    this.#current.abort();
    this.#current = new AbortController();
    const signal = AbortSignal.any([this.#options.signal, this.#current.signal]);
    this.#loads += 1;
    try {
      const page = await this.#loadPage(after, signal, atLeast);
      if (!signal.aborted) this.#add(page, after);
    } catch (error) {
      if (!signal.aborted) this.#showNote(failed(error, () => this.#retry(after)));
    } finally {
      this.#loads -= 1;
    }
  }

  /**
   * Loads the next page that is not empty. A filter can leave empty pages in the middle; too many of them end the
   * search.
   *
   * @param {string | null} after
   * @param {AbortSignal} signal
   * @param {number} atLeast
   */
  async #loadPage(after, signal, atLeast) {
    let page = await this.#options.load(after, signal, atLeast);
    for (let tries = 1; !page.items.length && page.next && tries < MAX_EMPTY_PAGES; tries += 1) {
      page = await this.#options.load(page.next, signal, atLeast);
    }
    return page;
  }

  /**
   * @param {Api.Page<Item>} page
   * @param {string | null} after
   */
  #add({ items, next }, after) {
    this.#items = after ? [...this.#items, ...items] : items;
    this.#next = next;
    this.#more.hidden = !next;
    this.#showNote("");
    this.#render();
    if (after) announce(`${items.length} more loaded`);
  }

  /** Renders only if something changed. A link that had the focus gets it back. */
  #render() {
    const rendered = JSON.stringify([this.#items, this.isEmpty && this.hasMore]);
    if (rendered === this.#rendered) return;
    this.#rendered = rendered;
    const { render, renderEmpty } = this.#options;
    const focused = document.activeElement;
    const href = focused && this.#content.contains(focused) && focused.getAttribute("href");
    this.#content.replaceChildren(this.isEmpty ? renderEmpty(this.hasMore) : render(this.#items));
    if (!href) return;
    const link = this.#content.querySelector(`a[href="${CSS.escape(href)}"]`);
    /** @type {HTMLElement | null} */ (link)?.focus({ preventScroll: true });
  }

  /** @param {string | null} after */
  #retry(after) {
    this.#showNote(loading());
    return this.#load(after);
  }

  /**
   * Shows a note below the items, in place of the note before.
   *
   * @param {HTMLElement | string} note
   */
  #showNote(note) {
    for (const old of this.#content.querySelectorAll(":scope > :is(.is-loading, .is-failed)")) old.remove();
    this.#content.append(note);
  }
}
