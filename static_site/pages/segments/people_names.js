/** The people in a text that somebody pasted. */

/**
 * The names (ids, e-mails, phone numbers), each once: one a line, or with commas, semicolons or tabs between them.
 * `Asha <asha@example.com>` is the address in it.
 *
 * @param {string} text
 */
export function namesIn(text) {
  const parts = text.replaceAll("\ufeff", "").split(/[\r\n,;\t]+/);
  const names = parts.map((part) => /<([^<>\s]+@[^<>\s]+)>/.exec(part)?.[1] ?? part.trim().replace(/^"(.*)"$/, "$1"));
  return [...new Set(names.filter(Boolean))];
}
