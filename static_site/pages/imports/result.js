/** The progress of an import, and the results of its rows. */

import { ApiError, imports } from "../../api.js";
import { el } from "../../dom/dom.js";
import { busy, button } from "../../dom/forms.js";
import { loadInto } from "../../dom/states.js";
import { table } from "../../dom/table.js";
import { number, plural, share } from "../../texts/format.js";

const MAX_SHOWN = 20; // rejected rows on the page; the CSV has all of them

/** @typedef {"created" | "updated" | "unchanged" | "rejected"} ResultKind */

/** @type {Record<ResultKind, {label: string, dryRunLabel: string}>} */
const KINDS = {
  created: { label: "new", dryRunLabel: "would be new" },
  updated: { label: "updated", dryRunLabel: "would be updated" },
  unchanged: { label: "unchanged", dryRunLabel: "would stay unchanged" },
  rejected: { label: "rejected", dryRunLabel: "would be rejected" },
};

/**
 * A progress bar for an upload.
 *
 * @param {number} bytes
 */
export const uploadProgress = (bytes) => progressBar({}, `Uploading ${number(Math.ceil(bytes / 1024))} kB…`);

/**
 * A progress bar for the rows of an import.
 *
 * @param {Api.ImportStatus} status
 */
export const rowProgress = ({ done, rows }) =>
  progressBar({ max: rows || 1, value: done }, `${number(done)} of ${plural(rows, "row")}, ${share(done, rows)}`);

/**
 * @param {Ui.Attributes} attributes
 * @param {string} text
 */
const progressBar = (attributes, text) =>
  el(
    "div",
    { class: "import-progress" },
    el("progress", { ...attributes, "aria-label": "Import" }),
    el("p", { class: "muted" }, text),
  );

/**
 * The results of an import that has ended.
 *
 * @param {Api.ImportStatus} status
 * @param {AbortSignal} signal
 */
export const importResult = (status, signal) =>
  el("div", { class: "stack" }, headline(status), counts(status), status.rejected > 0 && rejected(status, signal));

/** @param {Api.ImportStatus} status */
function headline({ state, reason, dry_run: isDryRun }) {
  if (state === "failed") {
    return el("p", { class: "notice" }, `Some rows could not be processed. Import the file again. ${reason ?? ""}`);
  }
  if (state === "aborted") return el("p", { class: "notice" }, "The upload was interrupted. Nothing was imported.");
  if (isDryRun) return el("p", {}, "The check is finished. Nothing was saved.");
  return el("p", {}, "Imported. ", el("a", { href: "/customers" }, "See all customers"));
}

/** @param {Api.ImportStatus} status */
function counts(status) {
  const kinds = /** @type {ResultKind[]} */ (Object.keys(KINDS));
  const list = table({
    caption: "Number of rows by result",
    columns: [
      { title: "Rows", cell: (kind) => (status.dry_run ? KINDS[kind].dryRunLabel : KINDS[kind].label) },
      { title: "Number", isNumber: true, cell: (kind) => number(status[kind]) },
    ],
    rows: kinds.filter((kind) => status[kind] || kind === "created"),
  });
  return el("div", { class: "counts" }, list);
}

/**
 * @param {Api.ImportStatus} status
 * @param {AbortSignal} signal
 */
function rejected({ id, rejected: count }, signal) {
  const container = el("div");
  const save = button("Download rejected rows", { onclick: () => busy([save], () => download(id, container, signal)) });
  loadInto(container, async () => rejectedTable(await imports.rejectedRows(id, MAX_SHOWN, signal)), signal);
  const more = count > MAX_SHOWN ? `These are the first ${MAX_SHOWN} of ${plural(count, "rejected row")}. ` : "";
  const hint = `${more}The downloaded file has the reason for each row. Correct the rows in that file and import it.`;
  return el("div", { class: "stack" }, container, el("p", { class: "muted" }, hint), save);
}

/** @param {Api.RowResult[]} rows */
const rejectedTable = (rows) =>
  table({
    caption: "Rejected rows",
    columns: [
      { title: "Row", cell: ({ row }) => el("span", { class: "nowrap" }, number(row)) },
      { title: "Reason", cell: ({ errors }) => el("ul", { class: "reasons" }, ...errors.map(reasonItem)) },
    ],
    rows,
  });

/** @param {Api.FieldError} error */
const reasonItem = ({ field, message }) =>
  el("li", {}, field === "body" ? "" : el("strong", {}, `${field}: `), message);

/**
 * @param {string} id
 * @param {HTMLElement} container
 * @param {AbortSignal} signal
 */
async function download(id, container, signal) {
  try {
    const text = await imports.rejectedCsv(id, signal);
    const href = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
    el("a", { href, download: "rejected.csv" }).click();
    URL.revokeObjectURL(href);
  } catch (error) {
    if (signal.aborted) return;
    if (!(error instanceof ApiError)) throw error;
    container.append(el("p", { class: "form-error", role: "alert" }, error.message));
  }
}
