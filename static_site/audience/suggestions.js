/** Names and values to choose from while typing: those that there are, loaded when they are first wanted. */

import { campaigns, segments } from "../api.js";
import { el, uniqueId } from "../dom.js";

const EVERYONE = { text: "everyone" };
const COUNTED = ["city", "timezone"]; // texts that many people share

const named = async (page) => [...new Set((await page).items.map(({ name }) => name))];

const frequent = async (field) => (await segments.histogram({ ...EVERYONE, field })).values.map(({ value }) => value);

const SOURCES = {
  segment: () => named(segments.list()),
  campaign: () => named(campaigns.list({ limit: 200 })),
  tag: () => frequent("tags"),
};

/** Adds suggestions to the input within `part`, where there are any for an argument of that name, of that field. */
export function suggesting(part, { name, field }) {
  const source = SOURCES[name] ?? (name === "value" && COUNTED.includes(field) && (() => frequent(field)));
  if (!source) return part;
  const input = part.querySelector("input");
  const list = el("datalist", { id: uniqueId("suggestions") });
  input.setAttribute("list", list.id);
  input.addEventListener("focus", () => fill(list, source), { once: true });
  part.append(list);
  return part;
}

/** What can be typed without them is typed without them, if they can't be had. */
async function fill(list, source) {
  const values = await source().catch(() => []);
  list.replaceChildren(...values.map((value) => el("option", { value })));
}
