/**
 * The texts of the site in the reader's language. `texts()` has the common ones; `texts("customers")` those of an area,
 * which the router loads together with its pages.
 */

import { ApiError, setLanguage as setApiLanguage } from "./api.js";
import { setLocale } from "./texts/format.js";

export const LANGUAGES = ["en", "hi"];
const STORED = "language";

/** @type {Map<string, any>} */
const loaded = new Map();

/** The reader's choice, else the first of the browser's languages that Herald speaks. */
const chosen = () => {
  const wanted = [localStorage.getItem(STORED), ...navigator.languages];
  const [found] = wanted.map((tag) => tag?.slice(0, 2) ?? "").filter((tag) => LANGUAGES.includes(tag));
  return found ?? "en";
};

let current = "en";

/** The language of the page: `en` or `hi`. */
export const language = () => current;

/**
 * Loads the common texts of the reader's language and sets the language of the page.
 *
 * @param {string} [wanted] Another language than the reader has now. It is remembered.
 */
export async function loadLanguage(wanted) {
  if (wanted) localStorage.setItem(STORED, wanted);
  const next = wanted ?? chosen();
  if (!loaded.size) current = next; // `loadArea` may load the texts of the first page beside these
  const areas = [...loaded.keys()].filter((key) => key.startsWith(`${current}/`)).map((key) => key.slice(3));
  await Promise.all([...new Set(["", ...areas])].map((area) => load(next, area)));
  current = next;
  document.documentElement.lang = next;
  setLocale(navigator.languages.find((tag) => tag.startsWith(next)) ?? `${next}-IN`);
  setApiLanguage(next);
}

/**
 * Loads the texts of an area. Does nothing if they are there.
 *
 * @param {string} area
 */
export const loadArea = (area) => load(current, area);

/**
 * @param {string} tag
 * @param {string} area
 */
async function load(tag, area) {
  const key = `${tag}/${area}`;
  if (!loaded.has(key)) loaded.set(key, (await import(`./texts/${area ? `${area}/` : ""}${tag}.js`)).default);
}

/**
 * The texts of an area in the reader's language. Call it while rendering, not when a module is loaded.
 *
 * @template {keyof Ui.Texts} [Area="common"]
 * @param {Area} [area]
 * @returns {Ui.Texts[Area]}
 */
export function texts(area) {
  const found = loaded.get(`${current}/${area === "common" || !area ? "" : String(area)}`);
  if (!found) throw new Error(`The texts of "${String(area)}" are not loaded: name the area at the route.`);
  return found;
}

/**
 * A sentence for an error of a request.
 *
 * @param {unknown} error
 */
export function errorText(error) {
  const { errors } = texts();
  if (!(error instanceof ApiError)) return error instanceof Error ? error.message : String(error);
  const own = errors.requests[error.code];
  return own ? own() : error.message;
}

/**
 * A sentence that says why a scheduled campaign did not start, by its code. Without one it has the words of the server.
 *
 * @param {Api.StartErrorCode | null} code
 * @param {string} detail
 */
export const startErrorText = (code, detail) => (code && texts().startErrors[code]?.()) ?? detail;

/**
 * A sentence for an error of a field, by its code. A code without a text shows the words of the server.
 *
 * @param {Api.FieldError} error
 */
export function fieldErrorText(error) {
  return texts().errors.fields[error.code ?? ""]?.(error) ?? error.message;
}
