/** The warning that a campaign's counters are not what its ledger holds. */

import { el } from "../dom.js";
import { number } from "../format.js";
import { table } from "../table.js";

const COLUMNS = [
  { title: "Kind", cell: ([kind]) => kind },
  { title: "Counters", isNumber: true, cell: ([, { counters }]) => number(counters) },
  { title: "Ledger", isNumber: true, cell: ([, { ledger }]) => number(ledger) },
];

/** `discrepancy` is `{kind: {counters, ledger}}`. */
export const discrepancyWarning = (discrepancy) =>
  el(
    "section",
    { class: "notice stack tight", role: "alert", "aria-label": "The numbers are not right" },
    el("h2", {}, "The numbers are not right"),
    el(
      "p",
      {},
      "The counters shown here differ from the ledger, which has one receipt for each thing that happened. Trust the " +
        "ledger, and tell whoever runs this Herald.",
    ),
    table({ caption: "Counters and ledger", columns: COLUMNS, rows: Object.entries(discrepancy) }),
  );
