/**
 * Tables that become a list of cards on a narrow screen. The roles are spelled out because browsers forget them once
 * a table is no longer laid out as one.
 */

import { el } from "./dom.js";

/** `columns` are `[{title, cell(row), isNumber}]`; the first one is what a row is called by. */
export function table({ caption, columns, rows }) {
  const heads = columns.map(({ title, isNumber }) =>
    el("th", { role: "columnheader", scope: "col", class: isNumber && "number" }, title),
  );
  return el(
    "table",
    { role: "table" },
    el("caption", { class: "visually-hidden" }, caption),
    el("thead", { role: "rowgroup" }, el("tr", { role: "row" }, ...heads)),
    el("tbody", { role: "rowgroup" }, ...rows.map((row) => tableRow(columns, row))),
  );
}

function tableRow(columns, row) {
  const cells = columns.map(({ title, cell, isNumber }, index) => {
    const [tag, role] = index ? ["td", "cell"] : ["th", "rowheader"];
    const scope = index ? null : "row";
    return el(tag, { role, scope, class: isNumber && "number", "data-title": title }, cell(row) ?? "–");
  });
  return el("tr", { role: "row" }, ...cells);
}
