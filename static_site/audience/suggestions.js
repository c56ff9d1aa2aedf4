/** Suggestions for names and values in the rule builder. They are loaded when the reader enters the field. */

import { campaigns, segments } from "../api.js";
import { useResource } from "../data/resource.js";
import { useState } from "../html.js";

const EVERYONE = { text: "everyone" };
const SHARED_FIELDS = ["city", "company", "timezone"]; // fields whose values many customers share

/** @param {{items: {name: string}[]}} page */
const uniqueNames = ({ items }) => [...new Set(items.map(({ name }) => name))].filter(Boolean);

/**
 * @param {string} field
 * @param {AbortSignal} signal
 */
const frequentValues = async (field, signal) =>
  (await segments.histogram({ ...EVERYONE, field }, signal)).values.map(({ value }) => value);

/** @type {Record<string, (signal: AbortSignal) => Promise<string[]>>} */
const SOURCES = {
  segment: async (signal) => uniqueNames(await segments.list(signal)),
  campaign: async (signal) => uniqueNames(await campaigns.list({ limit: 200 }, signal)),
  tag: (signal) => frequentValues("tags", signal),
};

/**
 * The suggestions for an argument of a condition, from the first time that `load()` is called. If they cannot be
 * loaded, the reader types without them.
 *
 * @param {{name: string, field?: string}} argument
 * @returns {{values: string[], load: () => void}}
 */
export function useSuggestions({ name, field }) {
  const [isWanted, setIsWanted] = useState(false);
  const source = sourceOf(name, field);
  const key = isWanted && source ? `suggestions ${name} ${field ?? ""}` : null;
  const { data } = useResource(key, source ?? (async () => []));
  return { values: data ?? [], load: () => setIsWanted(true) };
}

/**
 * @param {string} name
 * @param {string | undefined} field
 * @returns {((signal: AbortSignal) => Promise<string[]>) | undefined}
 */
function sourceOf(name, field) {
  const isShared = ["value", "values"].includes(name) && field && SHARED_FIELDS.includes(field);
  return isShared ? (signal) => frequentValues(field, signal) : SOURCES[name];
}
