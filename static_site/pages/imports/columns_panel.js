/** The second step of a table: the field of each column. The server proposes it and the reader can change it. */

import { imports } from "../../api.js";
import { el } from "../../dom/dom.js";
import { loadInto, panel } from "../../dom/states.js";
import { table } from "../../dom/table.js";
import { changedColumns, mappingError, options } from "./column_mapping.js";
import { firstLines } from "./files.js";

/**
 * Calls `onchange` with `{header: field}` of the columns that the reader changed, or with null while the columns cannot
 * be imported.
 *
 * @param {{
 *   file: Blob, signal: AbortSignal, onchange: (columns: Record<string, string> | null) => void
 * }} options
 */
export function columnsPanel({ file, signal, onchange }) {
  const container = el("div");
  const error = el("p", { class: "form-error", role: "alert" });
  /**
   * @param {Api.Column[]} columns
   * @param {string[]} fields
   */
  const accept = (columns, fields) => {
    error.textContent = mappingError(fields);
    onchange(error.textContent ? null : changedColumns(columns, fields));
  };
  const load = async () => {
    const inspected = await imports.inspectColumns(await firstLines(file), signal);
    const columns = inspected.columns.filter(({ header }) => header);
    accept(
      columns,
      columns.map(({ field }) => field),
    );
    return columnsTable(columns, () => accept(columns, selectedValues(container)));
  };
  loadInto(container, load, signal);
  return panel("2. Check the columns", { class: "panel columns" }, container, error);
}

/** @param {HTMLElement} container */
const selectedValues = (container) => [...container.querySelectorAll("select")].map(({ value }) => value);

/**
 * @param {Api.Column[]} columns
 * @param {() => void} onchange
 */
const columnsTable = (columns, onchange) =>
  table({
    caption: "The field of each column",
    columns: [
      { title: "Column", cell: ({ header }) => header },
      { title: "First value", cell: ({ example }) => el("span", { class: "example" }, example || "–") },
      { title: "Field", cell: (column) => fieldSelect(column, onchange) },
    ],
    rows: columns,
  });

/**
 * @param {Api.Column} column
 * @param {() => void} onchange
 */
function fieldSelect({ header, field }, onchange) {
  const known = options(header);
  const isKnown = known.some(({ value }) => value === field);
  const proposed = isKnown ? [] : [{ value: field, label: field }]; // for example consent to another channel
  const choices = [...known, ...proposed].map(({ value, label }) => el("option", { value }, label));
  return el("select", { "aria-label": `Field of column ${header}`, value: field, onchange }, ...choices);
}
