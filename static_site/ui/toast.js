/** Short messages at the bottom of the page, with Undo where an action can be taken back. */

import { createStore, html } from "../html.js";
import { texts } from "../texts.js";

const SHOWN_MS = 6000;

/** @typedef {{id: number, text: string, kind: "info" | "error", undo?: () => unknown}} Toast */

const toasts = createStore(/** @type {Toast[]} */ ([]));
let ids = 0;

/** @param {number} id */
const remove = (id) => toasts.set(toasts.get().filter((item) => item.id !== id));

/**
 * Shows a message for six seconds. `undo` takes the action back; errors stay until the reader closes them.
 *
 * @param {string} text
 * @param {{kind?: "info" | "error", undo?: () => unknown}} [options]
 */
export function toast(text, { kind = "info", undo } = {}) {
  ids += 1;
  const id = ids;
  toasts.set([...toasts.get().slice(-2), { id, text, kind, undo }]);
  if (kind === "info") setTimeout(() => remove(id), SHOWN_MS);
}

/** The place of the messages. The shell has it once. */
export function Toasts() {
  return html`<div class="toasts" role="status" aria-live="polite">
    ${toasts.use().map((item) => html`<${ToastItem} key=${item.id} ...${item} />`)}
  </div>`;
}

/** @param {Toast} props */
function ToastItem({ id, text, kind, undo }) {
  const { actions } = texts();
  const takeBack = () => {
    remove(id);
    undo?.();
  };
  return html`<div class="toast" data-kind=${kind}>
    <span>${text}</span>
    ${undo && html`<button type="button" class="toast-action" onClick=${takeBack}>${actions.undo()}</button>`}
    <button type="button" class="toast-close" aria-label=${actions.dismiss()} onClick=${() => remove(id)}>×</button>
  </div>`;
}
