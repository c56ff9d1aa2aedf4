/** What can follow in the text of a rule at the place of the cursor. */

const WORD = /[\p{L}_][\p{L}\p{N}_.]*$/u;
const KEYWORDS = [
  "AND",
  "OR",
  "NOT",
  "between",
  "contains",
  "starts with",
  "ends with",
  "is set",
  "is missing",
  "in the last 30 days",
  "inactive for 90 days",
  "active within 30 days",
  'has tag ""',
  'in segment ""',
  "ordered >= 1 time",
  "received any campaign",
  "opened any campaign",
  "clicked any campaign",
  "everyone",
];
const MAX_SHOWN = 6;

/** @typedef {{insert: string, label: string, detail: string}} Completion */

/**
 * The fields and words that begin like the word before the cursor; none inside quotes.
 *
 * @param {string} text
 * @param {number} cursor
 * @param {Pick<Api.Field, "name" | "label">[]} fields
 * @returns {Completion[]}
 */
export function completionsAt(text, cursor, fields) {
  const before = text.slice(0, cursor);
  const [word] = WORD.exec(before) ?? [];
  if (!word || isInQuotes(before)) return [];
  const start = word.toLowerCase();
  const named = fields
    .filter(({ name, label }) => name.startsWith(start) || label.toLowerCase().startsWith(start))
    .map(({ name, label }) => ({ insert: name, label: name, detail: label }));
  const words = KEYWORDS.filter((one) => one.toLowerCase().startsWith(start)).map((one) => ({
    insert: one,
    label: one,
    detail: "",
  }));
  return [...named, ...words].filter(({ insert }) => insert.toLowerCase() !== start).slice(0, MAX_SHOWN);
}

/** @param {string} before */
const isInQuotes = (before) => (before.replaceAll(/\\./g, "").match(/"/g)?.length ?? 0) % 2 === 1;

/**
 * The text with the word before the cursor replaced, and where the cursor is then: inside quotes that are empty.
 *
 * @param {string} text
 * @param {number} cursor
 * @param {string} insert
 */
export function withCompletion(text, cursor, insert) {
  const [word = ""] = WORD.exec(text.slice(0, cursor)) ?? [];
  const start = cursor - word.length;
  const end = insert.endsWith('""') ? start + insert.length - 1 : start + insert.length + 1;
  const space = insert.endsWith('""') || text.startsWith(" ", cursor) ? "" : " ";
  return { text: `${text.slice(0, start)}${insert}${space}${text.slice(cursor)}`, cursor: end };
}
