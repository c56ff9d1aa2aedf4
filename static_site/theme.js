/** The look: light or dark, as the device or as the reader chose, and the style sheets of the areas. */

/** @typedef {"system" | "light" | "dark"} Theme */

/** @type {Theme[]} */
export const THEMES = ["system", "light", "dark"];
const STORED = "theme";

/** The reader's choice. @returns {Theme} */
export const theme = () => THEMES.find((name) => name === localStorage.getItem(STORED)) ?? "system";

/**
 * Remembers a choice and shows it at once.
 *
 * @param {Theme} name
 */
export function chooseTheme(name) {
  localStorage.setItem(STORED, name);
  showTheme();
  document.dispatchEvent(new Event("themechange"));
  return name;
}

/** Shows the page in the chosen theme. */
export function showTheme() {
  document.documentElement.dataset.theme = theme();
}

/**
 * Adds `styles/<name>.css` to the page, once.
 *
 * @param {string} name
 * @returns {Promise<void>}
 */
export function loadStyles(name) {
  const href = `/styles/${name}.css`;
  if (document.querySelector(`link[href="${href}"]`)) return Promise.resolve();
  const link = document.createElement("link");
  return new Promise((resolve, reject) => {
    link.rel = "stylesheet";
    link.href = href;
    link.addEventListener("load", () => resolve());
    link.addEventListener("error", () => reject(new Error(`Not loaded: ${href}`)));
    document.head.append(link);
  });
}
