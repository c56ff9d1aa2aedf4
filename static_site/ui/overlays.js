/** What opens over the page: dialogs, sheets, menus and questions. */

import { createStore, html, useEffect, useId, useLayoutEffect, useRef, useState } from "../html.js";
import { texts } from "../texts.js";
import { Button, Icon } from "./basic.js";

/** @typedef {import("../html.js").Children} Children */

/**
 * A modal dialog. It is open as long as it is rendered; `onClose` is called by Escape and the close button.
 *
 * @param {{
 *   title: string, onClose: () => unknown, children?: Children, actions?: Children, kind?: "dialog" | "sheet",
 *   isWide?: boolean,
 * }} props
 */
export function Dialog({ title, onClose, children, actions, kind = "dialog", isWide = false }) {
  const element = useRef(/** @type {HTMLDialogElement | null} */ (null));
  const id = useId();
  useLayoutEffect(() => {
    const dialog = element.current;
    const opener = document.activeElement;
    dialog?.showModal();
    return () => {
      dialog?.close();
      if (opener instanceof HTMLElement) opener.focus({ preventScroll: true });
    };
  }, []);
  /** @param {Event} event */
  const onCancel = (event) => {
    event.preventDefault();
    onClose();
  };
  /** @param {MouseEvent} event */
  const onBackdrop = (event) => kind === "sheet" && event.target === element.current && onClose();
  return html`<dialog
    ref=${element} class=${`modal ${kind} ${isWide ? "wide" : ""}`} aria-labelledby=${id} onCancel=${onCancel}
    onClick=${onBackdrop}
  >
    <div class="modal-frame">
      <header class="modal-head">
        <h2 id=${id}>${title}</h2>
        <${Button} kind="quiet" icon="x" isSmall label=${texts().actions.close()} onClick=${onClose} />
      </header>
      <div class="modal-body">${children}</div>
      ${actions && html`<footer class="modal-end button-row">${actions}</footer>`}
    </div>
  </dialog>`;
}

/**
 * A dialog at the side of the page, for the details of a row.
 *
 * @param {{title: string, onClose: () => unknown, children?: Children, actions?: Children}} props
 */
export const Sheet = (props) => html`<${Dialog} kind="sheet" ...${props} />`;

/**
 * @typedef {{
 *   title: string, text?: Children, confirm: string, dismiss?: string, isDanger?: boolean,
 *   resolve: (isYes: boolean) => void,
 * }} Question
 */

const questions = createStore(/** @type {Question[]} */ ([]));

/**
 * Asks before an action. Returns whether the reader confirmed.
 *
 * @param {Omit<Question, "resolve">} question
 * @returns {Promise<boolean>}
 */
export const ask = (question) =>
  new Promise((resolve) => {
    questions.set([...questions.get(), { ...question, resolve }]);
  });

/** The place of the questions. The shell has it once. */
export function Questions() {
  const [question] = questions.use();
  if (!question) return null;
  /** @param {boolean} isYes */
  const answer = (isYes) => {
    questions.set(questions.get().filter((other) => other !== question));
    question.resolve(isYes);
  };
  const { title, text, confirm, dismiss, isDanger } = question;
  return html`<${Dialog}
    key=${title} title=${title} onClose=${() => answer(false)}
    actions=${html`
      <${Button} onClick=${() => answer(false)}>${dismiss ?? texts().actions.cancel()}<//>
      <${Button} kind=${isDanger ? "danger primary" : "primary"} onClick=${() => answer(true)}>${confirm}<//>
    `}
  >${text && html`<p>${text}</p>`}<//>`;
}

/**
 * An item of a menu: an action or a link. `isChecked` makes it one of several options. `"-"` is a line, and `{heading}`
 * a title between items.
 *
 * @typedef {{
 *   label: string, onSelect?: () => unknown, href?: string, icon?: import("./basic.js").IconName, isDanger?: boolean,
 *   isChecked?: boolean, disabled?: boolean,
 * } | {heading: string} | "-"} MenuItem
 */

/**
 * A button that opens a list of actions. `children` is the content of the button and names it; without it the button
 * shows three dots and `label` is its name.
 *
 * @param {{label: string, items: MenuItem[], children?: Children, side?: "start" | "end", isUp?: boolean}} props
 */
export function Menu({ label, items, children, side = "end", isUp = false }) {
  const [isOpen, setIsOpen] = useState(false);
  const element = useRef(/** @type {HTMLElement | null} */ (null));
  useMenuFocus(element, isOpen, () => setIsOpen(false));
  useLayoutEffect(() => keepInWindow(element.current?.querySelector(".menu-list")), [isOpen]);
  const close = () => {
    setIsOpen(false);
    element.current?.querySelector("button")?.focus();
  };
  return html`<span class="menu" ref=${element}>
    <button
      type="button" class=${children ? "menu-button" : "button quiet icon-only"} aria-haspopup="menu"
      aria-expanded=${isOpen} aria-label=${children ? undefined : label} title=${children ? undefined : label}
      onClick=${() => setIsOpen(!isOpen)}
    >${children ?? html`<${Icon} name="more" />`}</button>
    ${
      isOpen &&
      html`<div class="menu-list" role="menu" aria-label=${label} data-side=${side} data-up=${isUp}>
      ${items.map((item, index) => html`<${MenuLine} key=${index} item=${item} close=${close} />`)}
    </div>`
    }
  </span>`;
}

/**
 * Opens a list to the other side if it would reach out of the window.
 *
 * @param {Element | null | undefined} list
 */
function keepInWindow(list) {
  if (!(list instanceof HTMLElement)) return;
  const { left, right } = list.getBoundingClientRect();
  if (left < 0) list.dataset.side = "start";
  else if (right > document.documentElement.clientWidth) list.dataset.side = "end";
}

/** @param {{item: MenuItem, close: () => void}} props */
function MenuLine({ item, close }) {
  if (item === "-") return html`<hr class="menu-rule" />`;
  if ("heading" in item) return html`<p class="menu-heading" role="presentation">${item.heading}</p>`;
  const { label, onSelect, href, icon, isDanger, isChecked, disabled } = item;
  const select = () => {
    close();
    onSelect?.();
  };
  const content = html`
    ${isChecked === undefined ? icon && html`<${Icon} name=${icon} size=${16} />` : html`<span class="menu-check">${isChecked && html`<${Icon} name="check" size=${16} />`}</span>`}
    <span>${label}</span>`;
  const shared = { class: isDanger ? "menu-item danger" : "menu-item", tabIndex: -1, onClick: select };
  if (href) return html`<a role="menuitem" href=${href} ...${shared}>${content}</a>`;
  const role = isChecked === undefined ? "menuitem" : "menuitemradio";
  return html`<button type="button" role=${role} aria-checked=${isChecked} disabled=${disabled} ...${shared}>${content}</button>`;
}

/** @type {Record<string, (index: number, count: number) => number>} */
const STEPS = {
  ArrowDown: (index, count) => (index + 1) % count,
  ArrowUp: (index, count) => (index - 1 + count) % count,
  Home: () => 0,
  End: (_, count) => count - 1,
};

/**
 * The keys of an open menu; it closes by Escape, Tab and a click elsewhere.
 *
 * @param {{current: HTMLElement | null}} element
 * @param {boolean} isOpen
 * @param {() => void} close
 */
function useMenuFocus(element, isOpen, close) {
  useEffect(() => {
    const menu = element.current;
    if (!(isOpen && menu)) return;
    /** @type {HTMLElement[]} */
    const items = [...menu.querySelectorAll(/** @type {"button"} */ (".menu-item:not(:disabled)"))];
    items[0]?.focus();
    const over = new AbortController();
    /** @param {KeyboardEvent} event */
    const onKey = (event) => {
      const step = STEPS[event.key];
      if (step) {
        event.preventDefault();
        items[step(items.indexOf(/** @type {HTMLElement} */ (document.activeElement)), items.length)]?.focus();
      }
      if (event.key === "Escape") menu.querySelector("button")?.focus();
      if (event.key === "Escape" || event.key === "Tab") close();
    };
    /** @param {Event} event */
    const onPress = (event) => !menu.contains(/** @type {Node} */ (event.target)) && close();
    menu.addEventListener("keydown", onKey, { signal: over.signal });
    document.addEventListener("pointerdown", onPress, { signal: over.signal });
    return () => over.abort();
  }, [isOpen]);
}
