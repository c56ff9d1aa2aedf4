/** Files that customers can come in: what is in them by their names, and how they begin. */

const MEDIA = {
  csv: "text/csv",
  tsv: "text/csv",
  txt: "text/csv",
  ndjson: "application/x-ndjson",
  jsonl: "application/x-ndjson",
  json: "application/json",
};

export const ENDINGS = Object.keys(MEDIA).map((ending) => `.${ending}`);
export const MOST_BYTES = 32_000_000;
const BEGINNING = 64 * 1024;

/** The file with the type that the server is told; null where its name says that it is none of ours. */
export function typed(file) {
  const type = MEDIA[file.name.split(".").at(-1).toLowerCase()];
  return type ? file.slice(0, file.size, type) : null;
}

export const isTable = (file) => file.type === "text/csv";

/** Whole lines from the start of a file. */
export async function beginning(file) {
  const bytes = new Uint8Array(await file.slice(0, BEGINNING).arrayBuffer());
  const end = file.size > BEGINNING ? bytes.lastIndexOf(10) + 1 || bytes.length : bytes.length;
  return file.slice(0, end, file.type);
}

/** What is wrong with a file before anything was sent; "" where nothing is. */
export function objection(file) {
  if (file.size === 0) return "There is nothing in this file.";
  if (file.size > MOST_BYTES) return "A file may have 32 MB: split it, and import the parts one after the other.";
  if (!typed(file)) return `Choose a file that ends in ${ENDINGS.slice(0, -1).join(", ")} or ${ENDINGS.at(-1)}.`;
  return "";
}
