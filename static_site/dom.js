/** Builds elements. Strings become text nodes, so that data is never read as HTML. */

const isPresent = (value) => value !== null && value !== undefined && value !== false;

/**
 * `el("a", {href: "/", class: "button", onclick: go}, "Home")`. Attributes and children that are false, null or
 * undefined are left out; `value` is set last, so that a select has its options by then.
 */
export function el(tag, { value, ...attributes } = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, setting] of Object.entries(attributes)) set(element, name, setting);
  element.append(...children.flat().filter(isPresent));
  if (isPresent(value)) element.value = value;
  return element;
}

function set(element, name, setting) {
  if (!isPresent(setting)) return;
  if (name.startsWith("on")) element.addEventListener(name.slice(2), setting);
  else element.setAttribute(name, setting === true ? "" : setting);
}

let ids = 0;

/** An id that no other element on the page has. */
export const uniqueId = (prefix) => `${prefix}-${++ids}`;

/** Says something to people who use a screen reader, without moving their focus. */
export function announce(text) {
  document.getElementById("announcements").textContent = text;
}

/** The page's `h1`; also names the tab. */
export function heading(text) {
  const element = el("h1");
  rename(element, text);
  return element;
}

export function rename(headingElement, text) {
  headingElement.textContent = text;
  document.title = `${text} · Herald`;
}
