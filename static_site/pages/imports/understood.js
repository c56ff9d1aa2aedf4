/** What Herald understood of a file, before anything is saved. */

import { fieldNamed } from "../../data/fields.js";
import { html } from "../../html.js";
import { number } from "../../texts/format.js";
import { texts } from "../../texts.js";
import { Button, Card, Notice } from "../../ui/basic.js";
import { Stat, StatStrip } from "../../ui/figures.js";
import { chooseKind } from "./running_import.js";

const NAMES = /** @type {const} */ ({
  customers: ["rows", "new", "known", "repeated", "shared_addresses", "unclear", "warned", "rejected"],
  activities: [
    "rows",
    "new",
    "known",
    "unknown",
    "unclear",
    "joined",
    "refunded",
    "undone",
    "repeated",
    "warned",
    "rejected",
  ],
  suppressions: ["rows", "repeated", "warned", "rejected"],
});
const ALWAYS_SHOWN = ["rows", "new", "known"];

/** @param {{preview: Api.ImportPreview, what: Api.FileKind}} props */
export function Understood({ preview, what }) {
  const t = texts("imports").understood;
  const counts = /** @type {Record<string, any>} */ ({ ...preview, ...preview.activities });
  const labels = /** @type {Record<string, () => string>} */ (
    what === "activities" ? { ...t.counts, ...t.ofOrders } : t.counts
  );
  const shown = NAMES[what].filter((name) => counts[name] > 0 || ALWAYS_SHOWN.includes(name));
  const facts = [
    preview.format.toUpperCase(),
    preview.encoding && preview.encoding !== "ascii" ? preview.encoding.toUpperCase() : "",
    preview.header_row !== null && preview.columns.length > 0 ? t.header(preview.header_row) : "",
    preview.sheets.length > 1 ? t.sheets(preview.sheets) : "",
  ];
  return html`<${Card} title=${t.title()}>
    <p class="muted">${facts.filter(Boolean).join(" · ")}</p>
    <${StatStrip} label=${t.title()}>${shown.map((name) => html`<${Stat} key=${name} label=${labels[name]()} value=${number(counts[name])} />`)}<//>
    ${preview.compared > 0 && preview.compared + preview.repeated + preview.rejected < preview.rows && html`<p class="form-hint">${what === "activities" ? t.comparedOrders(preview.compared) : t.compared(preview.compared)}</p>`}
    ${preview.activities && html`<${Orders} facts=${preview.activities} />`}
    ${preview.looks_like !== what && what !== "suppressions" && html`<${Hint} kind=${preview.looks_like} />`}
  <//>`;
}

/**
 * How the customers of orders were found, and in which currency the amounts are.
 *
 * @param {{facts: NonNullable<Api.ImportPreview["activities"]>}} props
 */
function Orders({ facts }) {
  const t = texts("imports").understood;
  const found = Object.entries(facts.found_by).map(([name, orders]) =>
    t.foundBy(fieldNamed(name)?.label ?? name, orders),
  );
  const others = Object.keys(facts.currencies).filter((code) => code !== facts.currency);
  return html`${found.length > 0 && html`<p>${t.found(found)}</p>`}
    <p class="form-hint">${t.currency(facts.currency)}</p>
    ${others.length > 0 && html`<${Notice} tone="warn">${t.otherCurrencies(others)}<//>`}`;
}

/**
 * What the file looks like instead.
 *
 * @param {{kind: Api.FileKind}} props
 */
function Hint({ kind }) {
  const t = texts("imports").understood;
  return html`<${Notice} tone="warn">${t.looksLike[kind]()}<//>
    <div class="button-row"><${Button} onClick=${() => chooseKind(kind)}>${t.take[kind]()}<//></div>`;
}
