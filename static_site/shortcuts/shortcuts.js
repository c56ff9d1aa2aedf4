/** The keyboard: `?` lists the shortcuts, ⌘K finds anything, and `g` with a letter goes to a page. */

import { html, useEffect, useState } from "../html.js";
import { navigate } from "../router.js";
import { hasRole, mayWrite } from "../session.js";
import { texts } from "../texts.js";
import { Checkbox } from "../ui/fields.js";
import { Dialog } from "../ui/overlays.js";
import { Finder } from "./finder.js";
import { areSingleKeysOn, isTypingIn, keyReader, PAGES, setSingleKeys } from "./keys.js";

/** @typedef {"find" | "help"} Overlay */

/** @param {{me: Api.Me, opened: Overlay | null, open: (overlay: Overlay | null) => void}} props */
export function Shortcuts({ me, opened, open }) {
  useKeys(me, open);
  const close = () => open(null);
  if (opened === "find") return html`<${Finder} me=${me} onClose=${close} />`;
  return opened === "help" && html`<${ShortcutList} me=${me} onClose=${close} />`;
}

/**
 * @param {Api.Me} me
 * @param {(overlay: Overlay) => void} open
 */
function useKeys(me, open) {
  useEffect(() => {
    const over = new AbortController();
    const read = keyReader(() => !areSingleKeysOn() || isTypingIn(document.activeElement));
    /** @param {KeyboardEvent} event */
    const onKey = (event) => {
      if (event.defaultPrevented || document.querySelector("dialog[open]")) return;
      const action = read(event);
      if (!action || action === "prefix") return;
      event.preventDefault();
      perform(action, me, open);
    };
    document.addEventListener("keydown", onKey, { signal: over.signal });
    return () => over.abort();
  }, []);
}

/**
 * @param {Exclude<import("./keys.js").ShortcutAction, "prefix">} action
 * @param {Api.Me} me
 * @param {(overlay: Overlay) => void} open
 */
function perform(action, me, open) {
  if (action === "find" || action === "help") return open(action);
  if (action === "search") return document.querySelector(/** @type {"input"} */ ("main input[type=search]"))?.focus();
  if (action === "create") return mayWrite(me) && navigate("/campaigns/new");
  navigate(PAGES[action].href);
}

/** @param {{me: Api.Me, onClose: () => void}} props */
function ShortcutList({ me, onClose }) {
  const t = texts("shortcuts");
  const { navigation } = texts();
  const [areOn, setAreOn] = useState(areSingleKeysOn());
  /** @param {boolean} next */
  const choose = (next) => {
    setSingleKeys(next);
    setAreOn(next);
  };
  const pages = Object.entries(PAGES).filter(([, page]) => !("role" in page) || hasRole(me, page.role));
  /** @type {[string[], string][]} */
  const lines = [
    [["⌘ K", "Ctrl K"], t.find.title()],
    [["/"], t.search()],
    ...(mayWrite(me) ? [/** @type {[string[], string]} */ ([["n"], t.create()])] : []),
    ...pages.map(([key, { text }]) => /** @type {[string[], string]} */ ([[`g ${key}`], navigation[text]()])),
    [["?"], t.title()],
  ];
  return html`<${Dialog} title=${t.title()} onClose=${onClose}>
    <dl class="shortcut-list">${lines.map(
      ([keys, text]) => html`<div key=${text}>
        <dt>${text}</dt><dd>${keys.map((key) => html`<kbd key=${key}>${key}</kbd>`)}</dd>
      </div>`,
    )}</dl>
    <${Checkbox} label=${t.singleKeys()} hint=${t.singleKeysHint()} value=${areOn} onChange=${choose} />
  <//>`;
}
