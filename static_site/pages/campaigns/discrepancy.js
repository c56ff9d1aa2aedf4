/** The warning that the counters of a campaign differ from its ledger. */

import { el } from "../../dom/dom.js";
import { table } from "../../dom/table.js";
import { number } from "../../texts/format.js";

/** @type {Ui.Column<[string, {counters: number, ledger: number}]>[]} */
const COLUMNS = [
  { title: "Kind", cell: ([kind]) => kind },
  { title: "Counters", isNumber: true, cell: ([, { counters }]) => number(counters) },
  { title: "Ledger", isNumber: true, cell: ([, { ledger }]) => number(ledger) },
];

/** @param {Api.Discrepancy} discrepancy */
export const discrepancyWarning = (discrepancy) =>
  el(
    "section",
    { class: "notice stack tight", role: "alert", "aria-label": "The numbers are not correct" },
    el("h2", {}, "The numbers are not correct"),
    el(
      "p",
      {},
      "The counters on this page differ from the ledger, which has one receipt for each event. Use the numbers of the " +
        "ledger, and inform the operator of this Herald.",
    ),
    table({ caption: "Counters and ledger", columns: COLUMNS, rows: Object.entries(discrepancy) }),
  );
