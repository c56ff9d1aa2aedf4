/** The second step of a table: what each column is, as the server takes it, to be put right by the reader. */

import { imports } from "../api.js";
import { el } from "../dom.js";
import { fill, panel } from "../states.js";
import { table } from "../table.js";
import { beginning } from "./files.js";
import { changes, objection, options } from "./mapping.js";

/** Calls `onchange` with `{header: field}` of what is not as the server takes it; with null while that can't be. */
export function columnsPanel({ file, signal, onchange }) {
  const place = el("div", {});
  const problem = el("p", { class: "form-error", role: "alert" });
  const accept = (columns, chosen) => {
    problem.textContent = objection(chosen);
    onchange(problem.textContent ? null : changes(columns, chosen));
  };
  const load = async () => {
    const found = await imports.columns(await beginning(file), signal);
    const columns = found.columns.filter(({ header }) => header);
    accept(columns, fieldsOf(columns));
    return columnsTable(columns, () => accept(columns, valuesOf(place.querySelectorAll("select"))));
  };
  fill(place, load, signal);
  return panel("2. Check the columns", { class: "panel columns" }, place, problem);
}

const fieldsOf = (columns) => columns.map(({ field }) => field);

const valuesOf = (selects) => [...selects].map(({ value }) => value);

const columnsTable = (columns, onchange) =>
  table({
    caption: "What each column is taken for",
    columns: [
      { title: "Column", cell: ({ header }) => header },
      { title: "First value", cell: ({ example }) => el("span", { class: "example" }, example || "–") },
      { title: "Is taken for", cell: (column) => choiceOf(column, onchange) },
    ],
    rows: columns,
  });

function choiceOf({ header, field }, onchange) {
  const known = options(header);
  const isKnown = known.some(({ value }) => value === field);
  const own = isKnown ? [] : [{ value: field, label: field }]; // such as consent to a channel of the deployer's
  const choices = [...known, ...own].map(({ value, label }) => el("option", { value }, label));
  return el("select", { "aria-label": `What the column ${header} is`, value: field, onchange }, ...choices);
}
