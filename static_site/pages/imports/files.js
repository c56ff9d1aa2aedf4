/** Files with customers: their formats, sizes and first lines. */

/** @type {Record<string, string>} */
const MEDIA_TYPES = {
  csv: "text/csv",
  tsv: "text/csv",
  txt: "text/csv",
  ndjson: "application/x-ndjson",
  jsonl: "application/x-ndjson",
  json: "application/json",
};

export const EXTENSIONS = Object.keys(MEDIA_TYPES).map((extension) => `.${extension}`);
export const MAX_BYTES = 32_000_000;
const INSPECTED_BYTES = 64 * 1024;

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

/** @param {Blob} file */
export const isTable = (file) => file.type === "text/csv";

/**
 * Whole lines from the start of a file.
 *
 * @param {Blob} file
 */
export async function firstLines(file) {
  const bytes = new Uint8Array(await file.slice(0, INSPECTED_BYTES).arrayBuffer());
  const end = file.size > INSPECTED_BYTES ? bytes.lastIndexOf(10) + 1 || bytes.length : bytes.length;
  return file.slice(0, end, file.type);
}

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
