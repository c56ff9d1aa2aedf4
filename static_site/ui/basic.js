/** The small pieces of every page: buttons, icons, badges, times, people, states, messages, and the header of a page. */

import { ApiError } from "../api.js";
import { createStore, html, useEffect, useState } from "../html.js";
import { ago, dateTime } from "../texts/format.js";
import { errorText, texts } from "../texts.js";

/** @typedef {import("../html.js").Children} Children */

/** Each icon is drawn with lines in a square of 24. */
const ICONS = {
  alert: "M12 4 3 19h18L12 4zM12 10v4M12 16.8v.2",
  archive: "M4 5h16v4H4zM5.500 9v10h13V9M10 13h4",
  ban: "M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16zM6.5 6.5l11 11",
  bars: "M5 20v-7M12 20V5M19 20v-10",
  check: "M5 12.5l4.5 4.5L19 7.5",
  chevron: "M7 10l5 5 5-5",
  copy: "M9 9h10v10H9zM5 15V5h10",
  download: "M12 4v11M7.5 11l4.5 4.5 4.5-4.5M5 20h14",
  edit: "M5 19l1-4L16 5l3 3L9 18l-4 1z",
  external: "M14 5h5v5M19 5l-8 8M17 14v5H5V7h5",
  filter: "M4 6h16M7 12h10M10 18h4",
  home: "M4 11.5 12 5l8 6.5M6 10v9h12v-9",
  info: "M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16zM12 11v5M12 8v.2",
  key: "M14 10a4 4 0 1 0-3.5 4L13 16.500h2v2h2v2h3v-3l-6-6z",
  more: "M4.500 11.500h1v1h-1zM11.500 11.500h1v1h-1zM18.500 11.500h1v1h-1z",
  pause: "M9 5v14M15 5v14",
  people:
    "M9 11.500a3.500 3.500 0 1 0 0-7 3.500 3.500 0 0 0 0 7zM3 19.500c0-3 2.700-5 6-5s6 2 6 5M16 5a3.500 3.500 0 0 1 0 6.500M17.500 14.800c2 .7 3.500 2.400 3.500 4.700",
  play: "M8 5l11 7-11 7z",
  print: "M7 9V4h10v5M7 17H4V9h16v8h-3M7 14h10v6H7z",
  plus: "M12 5v14M5 12h14",
  search: "M11 5a6 6 0 1 0 0 12 6 6 0 0 0 0-12zM15.500 15.500 20 20",
  segment: "M12 4v8h8a8 8 0 1 1-8-8zM15.500 4.700a8 8 0 0 1 3.800 3.800h-3.800z",
  send: "M4 12 20 5l-5 15-3.500-6.500L4 12zM11.500 13.500 20 5",
  settings: "M4 8h9M17 8h3M4 16h3M11 16h9M15 6v4M9 14v4",
  swatches: "M4 4h7v7H4zM13 4h7v7h-7zM4 13h7v7H4zM13 13h7v7h-7z",
  trash: "M5 7h14M10 7V5h4v2M7 7l1 13h8l1-13",
  upload: "M12 19V8M7.500 12 12 7.500 16.500 12M5 4h14",
  x: "M6 6l12 12M18 6 6 18",
};

/** @typedef {keyof typeof ICONS} IconName */

/**
 * A picture beside a text that says the same. It has no name of its own.
 *
 * @param {{name: IconName, size?: number}} props
 */
export const Icon = ({ name, size = 18 }) =>
  html`<svg class="icon" width=${size} height=${size} viewBox="0 0 24 24" aria-hidden="true"><path d=${ICONS[name]} /></svg>`;

/**
 * A button; with `href` a link that looks like one. While a promise of `onClick` runs it is busy, and an `ApiError` is
 * shown as a message. An icon without children needs a `label`.
 *
 * @param {{
 *   children?: Children, kind?: "primary" | "quiet" | "danger" | "danger primary", icon?: IconName, label?: string,
 *   isBusy?: boolean, isSmall?: boolean, disabled?: boolean, href?: string, type?: "button" | "submit",
 *   onClick?: (event: MouseEvent) => unknown, [attribute: string]: any,
 * }} props
 */
export function Button({ children, kind, icon, label, isBusy, isSmall, disabled, href, onClick, type, ...rest }) {
  const [isRunning, setIsRunning] = useState(false);
  const isWaiting = isBusy || isRunning;
  const classes = ["button", kind, isSmall && "small", icon && !children && "icon-only"].filter(Boolean).join(" ");
  const content = html`${icon && html`<${Icon} name=${icon} />`}${children && html`<span>${children}</span>`}`;
  if (href) return html`<a class=${classes} href=${href} aria-label=${label} title=${label} ...${rest}>${content}</a>`;
  /** @param {MouseEvent} event */
  const press = (event) => (isWaiting ? event.preventDefault() : runAction(() => onClick?.(event), setIsRunning));
  return html`<button
    type=${type ?? "button"} class=${classes} disabled=${disabled} aria-busy=${isWaiting ? "true" : undefined}
    aria-label=${label} title=${label} onClick=${press} ...${rest}
  >${content}</button>`;
}

/**
 * Runs an action of the reader. An `ApiError` is shown as a message; any other error is a bug and is thrown again.
 *
 * @param {() => unknown} work
 * @param {(isRunning: boolean) => void} [setIsRunning]
 */
export async function runAction(work, setIsRunning = () => {}) {
  const result = work();
  if (!(result instanceof Promise)) return;
  setIsRunning(true);
  try {
    await result;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    toast(errorText(error), { kind: "error" });
  } finally {
    setIsRunning(false);
  }
}

/**
 * A state in a word. Known states have their own colour and text.
 *
 * @param {{state?: keyof Ui.Texts["common"]["states"], tone?: "good" | "bad" | "warn" | "accent", children?: Children}} props
 */
export const Badge = ({ state, tone, children }) =>
  html`<span class="tag" data-state=${state} data-tone=${tone}>${children ?? (state && texts().states[state]())}</span>`;

/**
 * A time from now, `3 hours ago`, with the exact time on hover; or the exact time.
 *
 * @param {{at: string | null, isExact?: boolean}} props
 */
export function Time({ at, isExact = false }) {
  if (!at) return html`<span>${texts().nothing()}</span>`;
  return html`<time datetime=${at} title=${dateTime(at)}>${isExact ? dateTime(at) : ago(at)}</time>`;
}

/**
 * A name that somebody typed: isolated, so that its direction does not turn the text around it, and cut at the end of
 * the line. `detail` is the line below.
 *
 * @param {{name: string | null, detail?: Children}} props
 */
export const Person = ({ name, detail }) => html`<span class="person">
  <bdi class="person-name" title=${name ?? undefined}>${name || texts().person.noName()}</bdi>
  ${detail && html`<span class="person-detail"><bdi>${detail}</bdi></span>`}
</span>`;

/**
 * Grey bars in place of what is loading.
 *
 * @param {{rows?: number, label?: string}} props
 */
export const Skeleton = ({ rows = 3, label }) => html`<div class="skeleton" role="status">
  <span class="visually-hidden">${label ?? texts().loading()}</span>
  ${Array.from({ length: rows }, (_, row) => html`<span key=${row} class="skeleton-bar"></span>`)}
</div>`;

/**
 * What a list shows when it is empty, and what to do about it: the `children` are buttons.
 *
 * @param {{title: string, text?: string, icon?: IconName, children?: Children}} props
 */
export const Empty = ({ title, text, icon = "info", children }) => html`<div class="empty-state">
  <span class="empty-icon"><${Icon} name=${icon} size=${22} /></span>
  <p class="empty-title">${title}</p>
  ${text && html`<p class="empty-text">${text}</p>`}
  ${children && html`<div class="button-row">${children}</div>`}
</div>`;

/**
 * A message inside the page.
 *
 * @param {{tone?: "info" | "good" | "warn" | "bad", title?: string, children?: Children, action?: Children}} props
 */
export const Notice = ({ tone = "info", title, children, action }) =>
  html`<div class="notice-box" data-tone=${tone} role=${tone === "bad" ? "alert" : undefined} tabindex="-1">
    <${Icon} name=${tone === "good" ? "check" : NOTICE_ICONS[tone]} />
    <div class="notice-body">${title && html`<strong>${title}</strong>`}<div>${children}</div></div>
    ${action && html`<div class="notice-action">${action}</div>`}
  </div>`;

/** @type {Record<string, IconName>} */
const NOTICE_ICONS = { info: "info", warn: "alert", bad: "alert" };

/**
 * Why something could not be loaded, with a button to try again.
 *
 * @param {{error: unknown, retry?: () => unknown}} props
 */
export const Failure = ({ error, retry }) => html`<${Notice}
  tone="bad"
  action=${retry && html`<${Button} isSmall onClick=${retry}>${texts().actions.retry()}<//>`}
>${errorText(error)}<//>`;

/**
 * Shows a resource: grey bars, why it failed, or `children(data)`. Old data stays, with a note.
 *
 * @param {{resource: import("../data/resource.js").Resource<any>, rows?: number, children: (data: any) => Children}} props
 */
export function Loaded({ resource, rows, children }) {
  const { data, error, reload } = resource;
  if (data === undefined)
    return error ? html`<${Failure} error=${error} retry=${reload} />` : html`<${Skeleton} rows=${rows} />`;
  return html`${error && html`<${Notice} tone="warn">${texts().errors.stale(errorText(error))}<//>`}${children(data)}`;
}

/**
 * The head of a page: its title, which is also the title of the tab and is announced, and its `actions` at the end.
 *
 * @param {{
 *   title: string, lead?: Children, badge?: Children, actions?: Children, back?: {href: string, label: string},
 * }} props
 */
export function PageHeader({ title, lead, badge, actions, back }) {
  useEffect(() => {
    document.title = texts().pageTitle(title);
    announce(document.title);
  }, [title]);
  return html`<header class="page-head">
    ${back && html`<a class="page-back" href=${back.href}><${Icon} name="chevron" size=${16} />${back.label}</a>`}
    <div class="page-head-line">
      <div class="page-title"><h1><bdi>${title}</bdi></h1>${badge}</div>
      ${actions && html`<div class="button-row">${actions}</div>`}
    </div>
    ${lead && html`<p class="page-lead">${lead}</p>`}
  </header>`;
}

/**
 * Lets a screen reader say a text. The focus does not move.
 *
 * @param {string} text
 */
export function announce(text) {
  const place = document.getElementById("announcements");
  if (place) place.textContent = text;
}

/**
 * A part of a page with its own title. `isFlush` lets a table reach the edges.
 *
 * @param {{title?: string, label?: string, actions?: Children, isFlush?: boolean, children?: Children}} props
 */
export const Card = ({ title, label, actions, isFlush, children }) =>
  html`<section class=${isFlush ? "card flush-card" : "card"} aria-label=${title ?? label}>
    ${title && html`<header class="card-head"><h2>${title}</h2>${actions && html`<div class="button-row">${actions}</div>`}</header>`}
    ${children}
  </section>`;

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
    if (undo) runAction(async () => undo());
  };
  return html`<div class="toast" data-kind=${kind}>
    <span>${text}</span>
    ${undo && html`<button type="button" class="toast-action" onClick=${takeBack}>${actions.undo()}</button>`}
    <button type="button" class="toast-close" aria-label=${actions.dismiss()} onClick=${() => remove(id)}>×</button>
  </div>`;
}
