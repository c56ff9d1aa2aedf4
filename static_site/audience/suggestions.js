/** Suggestions for names and values in the rule builder. They are loaded when the reader enters the field. */

import { campaigns, segments } from "../api.js";
import { el, find, uniqueId } from "../dom/dom.js";

const EVERYONE = { text: "everyone" };
const SHARED_FIELDS = ["city", "company", "timezone"]; // fields whose values many customers share

/** @param {{items: {name: string}[]}} page */
const uniqueNames = ({ items }) => [...new Set(items.map(({ name }) => name))];

/** @param {string} field */
const frequentValues = async (field) =>
  (await segments.histogram({ ...EVERYONE, field })).values.map(({ value }) => value);

/** @type {Record<string, () => Promise<string[]>>} */
const SOURCES = {
  segment: async () => uniqueNames(await segments.list()),
  campaign: async () => uniqueNames(await campaigns.list({ limit: 200 })),
  tag: () => frequentValues("tags"),
};

/**
 * Adds suggestions to the input in `part`, if there are any for this argument and field.
 *
 * @param {HTMLElement} part
 * @param {{name: string, field?: string}} argument
 */
export function withSuggestions(part, { name, field }) {
  const isShared = name === "value" && field && SHARED_FIELDS.includes(field);
  const source = SOURCES[name] ?? (isShared ? () => frequentValues(field) : null);
  if (!source) return part;
  const input = find(part, "input");
  const list = el("datalist", { id: uniqueId("suggestions") });
  input.setAttribute("list", list.id);
  input.addEventListener("focus", () => fill(list, source), { once: true });
  part.append(list);
  return part;
}

/**
 * If loading fails, the reader types without suggestions.
 *
 * @param {HTMLDataListElement} list
 * @param {() => Promise<string[]>} source
 */
async function fill(list, source) {
  const values = await source().catch(() => []);
  list.replaceChildren(...values.map((value) => el("option", { value })));
}
