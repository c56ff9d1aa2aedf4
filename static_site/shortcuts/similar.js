/** Names that are similar to what somebody typed: a part of it, or with a typo. */

const MIN_FORGIVEN = 4; // letters of a word that may have a typo

/**
 * Whether each word of `text` occurs in the name, or begins one of its words but for a letter or two.
 *
 * @param {string} name
 * @param {string} text
 */
export function isSimilar(name, text) {
  const [whole, ...typed] = [name, ...text.split(/\s+/)].map((part) => part.toLocaleLowerCase());
  return typed.every((word) => whole.includes(word) || whole.split(/\s+/).some((part) => isNearly(part, word)));
}

/**
 * @param {string} part A word of a name.
 * @param {string} word As typed.
 */
function isNearly(part, word) {
  if (word.length < MIN_FORGIVEN) return false;
  const typos = word.length < 2 * MIN_FORGIVEN ? 1 : 2;
  const beginnings = [-1, 0, 1].map((more) => part.slice(0, word.length + more)); // a letter may be missing or too much
  return [part, ...beginnings].some((beginning) => distance(beginning, word) <= typos);
}

/**
 * How many letters have to be replaced, added, removed, or swapped with the next one.
 *
 * @param {string} one
 * @param {string} other
 */
export function distance(one, other) {
  /** @type {number[][]} */
  const rows = [Array.from({ length: other.length + 1 }, (_, column) => column)];
  for (let row = 1; row <= one.length; row += 1) {
    rows.push([row]);
    for (let column = 1; column <= other.length; column += 1) {
      const isSame = one[row - 1] === other[column - 1];
      const isSwapped = one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1];
      rows[row][column] = Math.min(
        rows[row - 1][column] + 1,
        rows[row][column - 1] + 1,
        rows[row - 1][column - 1] + (isSame ? 0 : 1),
        isSwapped ? rows[row - 2][column - 2] + 1 : Number.POSITIVE_INFINITY,
      );
    }
  }
  return rows[one.length][other.length];
}
