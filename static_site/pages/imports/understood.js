/** What Herald understood of a file, before anything is saved. */

import { html } from "../../html.js";
import { number } from "../../texts/format.js";
import { texts } from "../../texts.js";
import { Card, Notice } from "../../ui/basic.js";
import { Stat, StatStrip } from "../../ui/figures.js";

const NAMES = /** @type {const} */ (["rows", "new", "known", "repeated", "shared_addresses", "warned", "rejected"]);
const ALWAYS_SHOWN = ["rows", "new", "known"];

/** @param {{preview: Api.ImportPreview}} props */
export function Understood({ preview }) {
  const t = texts("imports").understood;
  const shown = NAMES.filter((name) => preview[name] > 0 || ALWAYS_SHOWN.includes(name));
  const facts = [
    preview.format.toUpperCase(),
    preview.encoding && preview.encoding !== "ascii" ? preview.encoding.toUpperCase() : "",
    preview.header_row !== null && preview.columns.length > 0 ? t.header(preview.header_row) : "",
    preview.sheets.length > 1 ? t.sheets(preview.sheets) : "",
  ];
  return html`<${Card} title=${t.title()}>
    <p class="muted">${facts.filter(Boolean).join(" · ")}</p>
    <${StatStrip} label=${t.title()}>${shown.map((name) => html`<${Stat} key=${name} label=${t.counts[name]()} value=${number(preview[name])} />`)}<//>
    ${preview.compared > 0 && preview.compared + preview.repeated + preview.rejected < preview.rows && html`<p class="form-hint">${t.compared(preview.compared)}</p>`}
    ${preview.looks_like === "suppressions" && html`<${Notice} tone="warn">${t.suppressions()} <a href="/suppressions">${t.toSuppressions()}</a><//>`}
    ${preview.looks_like === "activities" && html`<${Notice} tone="warn">${t.activities()}<//>`}
  <//>`;
}
