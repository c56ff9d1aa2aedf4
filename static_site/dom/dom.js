/** Builds and finds elements. Strings become text nodes, so data is never read as HTML. */

/** @param {unknown} value */
const isPresent = (value) => value !== null && value !== undefined && value !== false;

/**
 * Creates an element: `el("a", {href: "/", class: "button", onclick: go}, "Home")`. Attributes and children that are
 * false, null or undefined are left out. `value` is set last, because a select needs its options first.
 *
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Ui.Attributes} [attributes]
 * @param {...(Ui.Child | Ui.Child[])} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function el(tag, { value, ...attributes } = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, setting] of Object.entries(attributes)) setAttribute(element, name, setting);
  const nodes = /** @type {(Node | string)[]} */ (children.flat().filter(isPresent));
  element.append(...nodes);
  if (isPresent(value)) Object.assign(element, { value });
  return element;
}

/**
 * @param {HTMLElement} element
 * @param {string} name
 * @param {unknown} setting
 */
function setAttribute(element, name, setting) {
  if (!isPresent(setting)) return;
  if (typeof setting === "function") element.addEventListener(name.slice(2), /** @type {EventListener} */ (setting));
  else element.setAttribute(name, setting === true ? "" : String(setting));
}

/**
 * Returns the first element with this tag inside `root`. Throws an error if there is none.
 *
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {ParentNode} root
 * @param {Tag} tag
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function find(root, tag) {
  const element = root.querySelector(tag);
  if (!element) throw new Error(`Not found: <${tag}>`);
  return element;
}

let ids = 0;

/**
 * Returns an id that no other element on the page has.
 *
 * @param {string} prefix
 */
export const uniqueId = (prefix) => `${prefix}-${++ids}`;

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
 * Creates the `h1` of the page, and sets the title of the tab.
 *
 * @param {string} text
 */
export function heading(text) {
  const element = el("h1");
  setHeading(element, text);
  return element;
}

/**
 * Changes the text of the page's `h1` and the title of the tab.
 *
 * @param {HTMLElement} element
 * @param {string} text
 */
export function setHeading(element, text) {
  element.textContent = text;
  document.title = `${text} · Herald`;
}
