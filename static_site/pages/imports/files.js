/** Files with customers: their formats and sizes. */

/** @type {Record<string, string>} */
const MEDIA_TYPES = {
  csv: "text/csv",
  tsv: "text/csv",
  txt: "text/csv",
  ndjson: "application/x-ndjson",
  jsonl: "application/x-ndjson",
  json: "application/json",
  xlsx: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
  gz: "application/gzip",
  zip: "application/zip",
};

export const EXTENSIONS = Object.keys(MEDIA_TYPES).map((extension) => `.${extension}`);
export const MAX_BYTES = 32_000_000;

/**
 * The file with the media type of its extension; null if Herald cannot import such a file.
 *
 * @param {File} file
 */
export function withMediaType(file) {
  const type = mediaTypeOf(file.name);
  return type ? file.slice(0, file.size, type) : null;
}

/** @param {string} name */
const mediaTypeOf = (name) => MEDIA_TYPES[name.slice(name.lastIndexOf(".") + 1).toLowerCase()];

/**
 * Why a file cannot be sent; null if it can.
 *
 * @param {{name: string, size: number}} file
 * @returns {"empty" | "tooLarge" | "wrongKind" | null}
 */
export function fileError({ name, size }) {
  if (size === 0) return "empty";
  if (size > MAX_BYTES) return "tooLarge";
  return mediaTypeOf(name) ? null : "wrongKind";
}
