/** A list that is loaded page by page. */

import { announce, el } from "./dom.js";
import { busy, button } from "./forms.js";
import { failed, loading } from "./states.js";

export class PagedList {
  #items = [];
  #next = null;
  #loads = 0;
  #current = new AbortController();
  #content = el("div", {}, loading());
  #more = button("Load more", { onclick: () => busy([this.#more], () => this.#load(this.#next)) });
  #options;

  /**
   * `load(after, signal)` gives a page `{items, next}`, `render(items)` an element for all items so far, `whenEmpty()`
   * one for none.
   */
  constructor({ load, render, whenEmpty, signal }) {
    this.#options = { load, render, whenEmpty, signal };
    this.element = el("div", { class: "paged" }, this.#content, el("div", { class: "more" }, this.#more));
    this.#more.hidden = true;
  }

  get isEmpty() {
    return this.#items.length === 0;
  }

  get isLoading() {
    return this.#loads > 0;
  }

  /** Starts again at the first page, keeping what is shown until that is there. Never throws: the list says it. */
  reload() {
    return this.#load(null);
  }

  async #load(after) {
    this.#current.abort();
    this.#current = new AbortController();
    const signal = AbortSignal.any([this.#options.signal, this.#current.signal]);
    this.#loads += 1;
    try {
      const page = await this.#options.load(after, signal);
      if (!signal.aborted) this.#add(page, after);
    } catch (error) {
      if (!signal.aborted) this.#note(failed(error, () => this.#retry(after)));
    } finally {
      this.#loads -= 1;
    }
  }

  #add({ items, next }, after) {
    this.#items = after ? [...this.#items, ...items] : items;
    this.#next = next;
    this.#content.replaceChildren(this.isEmpty ? this.#options.whenEmpty() : this.#options.render(this.#items));
    this.#more.hidden = !next;
    if (after) announce(`${items.length} more loaded`);
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
