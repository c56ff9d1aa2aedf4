/**
 * Tables that become a list of cards on a narrow screen. Each element has its role, because a browser drops the role
 * when the element is no longer laid out as a table.
 */

import { el } from "./dom.js";

/**
 * @template Row
 * @param {{caption: string, columns: Ui.Column<Row>[], rows: Row[]}} options The first column is the row's header.
 */
export function table({ caption, columns, rows }) {
  const headers = columns.map(({ title, isNumber }) =>
    el("th", { role: "columnheader", scope: "col", class: isNumber && "number" }, title),
  );
  return el(
    "table",
    { role: "table" },
    el("caption", { class: "visually-hidden" }, caption),
    el("thead", { role: "rowgroup" }, el("tr", { role: "row" }, ...headers)),
    el("tbody", { role: "rowgroup" }, ...rows.map((row) => tableRow(columns, row))),
  );
}

/**
 * @template Row
 * @param {Ui.Column<Row>[]} columns
 * @param {Row} row
 */
function tableRow(columns, row) {
  const cells = columns.map(({ title, cell, isNumber }, index) => {
    const attributes = { class: isNumber && "number", "data-title": title };
    return index
      ? el("td", { role: "cell", ...attributes }, cell(row) ?? "–")
      : el("th", { role: "rowheader", scope: "row", ...attributes }, cell(row) ?? "–");
  });
  return el("tr", { role: "row" }, ...cells);
}
