/** What the keys of the keyboard mean. No element here. */

/** The pages behind `g`, by their letter. */
export const PAGES = /** @type {const} */ ({
  h: { href: "/", text: "home" },
  c: { href: "/campaigns", text: "campaigns" },
  p: { href: "/customers", text: "customers" },
  s: { href: "/segments", text: "segments" },
  e: { href: "/settings", text: "settings", role: "admin" },
});

/** @typedef {keyof typeof PAGES} PageKey */
/** @typedef {"find" | "help" | "search" | "create" | "prefix" | PageKey} ShortcutAction */

/** @type {Record<string, ShortcutAction>} */
const SINGLE_KEYS = { "?": "help", "/": "search", n: "create", g: "prefix" };

/**
 * What a key does; null if it is not for us. While the reader types only ⌘K or Ctrl K does anything.
 *
 * @param {Pick<KeyboardEvent, "key" | "metaKey" | "ctrlKey" | "altKey">} event
 * @param {{isTyping: boolean, isAfterPrefix: boolean}} state `isAfterPrefix`: the key before was `g`.
 * @returns {ShortcutAction | null}
 */
export function actionOf({ key, metaKey, ctrlKey, altKey }, { isTyping, isAfterPrefix }) {
  if (metaKey || ctrlKey) return key.toLowerCase() === "k" && !altKey ? "find" : null;
  if (isTyping || altKey) return null;
  if (isAfterPrefix && key in PAGES) return /** @type {PageKey} */ (key);
  return SINGLE_KEYS[key] ?? null;
}

/**
 * Whether keys belong to the element that has the focus.
 *
 * @param {Element | null} element
 */
export const isTypingIn = (element) =>
  Boolean(element?.closest("input:not([type=radio], [type=checkbox]), textarea, select, [contenteditable=true]"));

const PREFIX_MS = 1500; // how long `g` waits for its letter

/**
 * Reads one key after the other. The function returns what to do, or null.
 *
 * @param {() => boolean} isTyping
 * @returns {(event: Pick<KeyboardEvent, "key" | "metaKey" | "ctrlKey" | "altKey" | "timeStamp">) => ShortcutAction | null}
 */
export function keyReader(isTyping) {
  let prefixedAt = Number.NEGATIVE_INFINITY;
  return (event) => {
    const isAfterPrefix = event.timeStamp - prefixedAt < PREFIX_MS;
    const action = actionOf(event, { isTyping: isTyping(), isAfterPrefix });
    prefixedAt = action === "prefix" ? event.timeStamp : Number.NEGATIVE_INFINITY;
    return action;
  };
}

const STORED = "single-keys";

/** Whether keys without ⌘ or Ctrl do anything: software for speech types them by mistake. */
export const areSingleKeysOn = () => localStorage.getItem(STORED) !== "off";

/** @param {boolean} areOn */
export function setSingleKeys(areOn) {
  if (areOn) localStorage.removeItem(STORED);
  else localStorage.setItem(STORED, "off");
}
