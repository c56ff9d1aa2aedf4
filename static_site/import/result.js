/** How far an import has come, and what became of its rows. */

import { imports } from "../api.js";
import { el } from "../dom.js";
import { busy, button } from "../forms.js";
import { number, plural, share } from "../format.js";
import { fill } from "../states.js";
import { table } from "../table.js";

const SHOWN = 20; // rejected rows on the page; the file has all

const KINDS = {
  created: ["new", "would be new"],
  updated: ["brought up to date", "would be brought up to date"],
  unchanged: ["unchanged", "would stay unchanged"],
  rejected: ["rejected", "would be rejected"],
};

/** A bar; without a status the file is still being sent. */
export function progress(status, bytes) {
  const text = status
    ? `${number(status.done)} of ${plural(status.rows, "row")}, ${share(status.done, status.rows)}`
    : `Sending ${number(Math.ceil(bytes / 1024))} kB…`;
  const attributes = status ? { max: status.rows || 1, value: status.done } : {};
  const bar = el("progress", { ...attributes, "aria-label": "Import" });
  return el("div", { class: "import-progress" }, bar, el("p", { class: "muted" }, text));
}

/** What became of the rows of an import that is over. */
export function result(status, signal) {
  const wrong = status.rejected > 0 && rejected(status, signal);
  return el("div", { class: "stack" }, headline(status), counts(status), wrong);
}

function headline({ state, reason, dry_run: isDry }) {
  if (state === "failed") {
    return el("p", { class: "notice" }, `Some rows could not be worked off; import the file again. ${reason ?? ""}`);
  }
  if (state === "broken") return el("p", { class: "notice" }, "The upload broke off. Nothing of it was brought in.");
  if (isDry) return el("p", {}, "Tried. Nothing was written yet.");
  return el("p", {}, "Imported. ", el("a", { href: "/customers" }, "See all customers"));
}

function counts(status) {
  const rows = Object.entries(KINDS).filter(([kind]) => status[kind] || kind === "created");
  const shown = table({
    caption: "What became of the rows",
    columns: [
      { title: "Rows", cell: ([, words]) => words[status.dry_run ? 1 : 0] },
      { title: "Number", isNumber: true, cell: ([kind]) => number(status[kind]) },
    ],
    rows,
  });
  return el("div", { class: "counts" }, shown);
}

function rejected({ id, rejected: count }, signal) {
  const place = el("div", {});
  const save = button("Download rejected rows", { onclick: () => busy([save], () => download(id, place, signal)) });
  fill(place, async () => rejectedTable(await imports.rejected(id, SHOWN, signal)), signal);
  const more = count > SHOWN ? `These are the first ${SHOWN} of ${plural(count, "rejected row")}. ` : "";
  const hint = `${more}The file has them with the reason beside each: put them right there, and import it.`;
  return el("div", { class: "stack" }, place, el("p", { class: "muted" }, hint), save);
}

const rejectedTable = (rows) =>
  table({
    caption: "Rejected rows",
    columns: [
      { title: "Row", cell: ({ row }) => el("span", { class: "nowrap" }, number(row)) },
      { title: "Why", cell: ({ errors }) => el("ul", { class: "reasons" }, ...errors.map(reason)) },
    ],
    rows,
  });

const reason = ({ field, message }) => el("li", {}, field === "body" ? "" : el("strong", {}, `${field}: `), message);

async function download(id, place, signal) {
  try {
    const text = await imports.rejectedTable(id, signal);
    const href = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
    el("a", { href, download: "rejected.csv" }).click();
    URL.revokeObjectURL(href);
  } catch (error) {
    if (!signal.aborted) place.append(el("p", { class: "form-error", role: "alert" }, error.message));
  }
}
