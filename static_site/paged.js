/** A list that is loaded page by page. */

import { announce, el } from "./dom.js";
import { busy, button } from "./forms.js";
import { failed, loading } from "./states.js";

const MOST = 200; // that the server gives at once
const MOST_EMPTY = 5; // pages that are passed over before the reader is asked to go on

export class PagedList {
  #items = [];
  #drawn = null; // what is on the page, as JSON
  #next = null;
  #loads = 0;
  #current = new AbortController();
  #content = el("div", {}, loading());
  #more = button("Load more", { onclick: () => busy([this.#more], () => this.#load(this.#next)) });
  #options;

  /**
   * `load(after, signal, atLeast)` gives a page `{items, next}`, `render(items)` an element for all items so far,
   * `whenEmpty(hasMore)` one for none, or none so far.
   */
  constructor({ load, render, whenEmpty, signal }) {
    this.#options = { load, render, whenEmpty, signal };
    this.element = el("div", { class: "paged" }, this.#content, el("div", { class: "more" }, this.#more));
    this.#more.hidden = true;
  }

  get items() {
    return this.#items;
  }

  get isEmpty() {
    return this.#items.length === 0;
  }

  /** Whether there may be others, for which the reader has to ask. */
  get hasMore() {
    return Boolean(this.#next);
  }

  get isLoading() {
    return this.#loads > 0;
  }

  /** Starts again at the first page, keeping what is shown until that is there. Never throws: the list says it. */
  reload() {
    this.#drawn = null;
    this.#more.hidden = true; // what it would add belongs to the list that is on its way out
    return this.#load(null);
  }

  /** Brings all that is shown up to date, and leaves the reader where they are. Never throws either. */
  async refresh() {
    if (!this.isLoading && this.#items.length <= MOST) await this.#load(null, this.#items.length);
  }

  async #load(after, atLeast = 0) {
    this.#current.abort();
    this.#current = new AbortController();
    const signal = AbortSignal.any([this.#options.signal, this.#current.signal]);
    this.#loads += 1;
    try {
      const page = await this.#page(after, signal, atLeast);
      if (!signal.aborted) this.#add(page, after);
    } catch (error) {
      if (!signal.aborted) this.#note(failed(error, () => this.#retry(after)));
    } finally {
      this.#loads -= 1;
    }
  }

  /** The next page that is not empty, unless there are too many: a filter can leave nothing of one in the middle. */
  async #page(after, signal, atLeast, left = MOST_EMPTY) {
    const page = await this.#options.load(after, signal, atLeast);
    return page.items.length || !page.next || left <= 1 ? page : this.#page(page.next, signal, atLeast, left - 1);
  }

  #add({ items, next }, after) {
    this.#items = after ? [...this.#items, ...items] : items;
    this.#next = next;
    this.#more.hidden = !next;
    this.#note("");
    this.#draw();
    if (after) announce(`${items.length} more loaded`);
  }

  /** Only what is new is drawn; a link that had the focus has it afterwards. */
  #draw() {
    const drawing = JSON.stringify([this.#items, this.isEmpty && this.hasMore]);
    if (drawing === this.#drawn) return;
    this.#drawn = drawing;
    const focused = this.#content.contains(document.activeElement) && document.activeElement.getAttribute("href");
    this.#content.replaceChildren(this.isEmpty ? this.#options.whenEmpty(this.hasMore) : this.#options.render(this.#items));
    if (focused) this.#content.querySelector(`[href="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
  }

  #retry(after) {
    this.#note(loading());
    return this.#load(after);
  }

  /** Puts a word below the items that are there, in place of an earlier one. */
  #note(element) {
    for (const earlier of this.#content.querySelectorAll(":scope > :is(.is-loading, .is-failed)")) earlier.remove();
    this.#content.append(element);
  }
}
