/** What a file has: customers, orders and visits, or people who must not be written to. */

import { html } from "../../html.js";
import { texts } from "../../texts.js";
import { Card } from "../../ui/basic.js";
import { Select } from "../../ui/fields.js";
import { changeImport, chooseKind } from "./running_import.js";

/** @typedef {import("./running_import.js").ImportState} ImportState */

const KINDS = /** @type {const} */ (["customers", "activities", "suppressions"]);
const TYPES_WITH_AMOUNT = /** @type {const} */ (["order", "refund"]);

/** @param {{state: ImportState, what: Api.FileKind, preview: Api.ImportPreview, isLocked: boolean}} props */
export function Kind({ state, what, preview, isLocked }) {
  const t = texts("imports").kind;
  return html`<${Card} title=${t.title()}>
    <${Select}
      label=${t.question()} name="what" value=${what} disabled=${isLocked} hint=${state.isRecognized ? t.recognized() : t.hint()}
      options=${KINDS.map((value) => ({ value, label: t.kinds[value]() }))} onChange=${chooseKind}
    />
    ${what === "activities" && html`<${RowType} type=${preview.type} hasAmounts=${hasAmounts(preview)} isLocked=${isLocked} />`}
  <//>`;
}

/** @param {Api.ImportPreview} preview */
const hasAmounts = ({ columns }) => columns.some(({ field }) => field === "amount");

/**
 * What each row is, if no column says it.
 *
 * @param {{type: string | null, hasAmounts: boolean, isLocked: boolean}} props
 */
function RowType({ type, hasAmounts: isWithAmounts, isLocked }) {
  const t = texts("imports").kind;
  if (type === null) return html`<p class="form-hint">${t.typeColumn()}</p>`;
  if (!isWithAmounts) return html`<p class="form-hint">${t.visits()}</p>`;
  return html`<${Select}
    label=${t.type()} name="type" value=${type} disabled=${isLocked}
    options=${TYPES_WITH_AMOUNT.map((value) => ({ value, label: t.types[value]() }))}
    onChange=${(/** @type {string} */ value) => changeImport({ type: value, checked: false, id: null })}
  />`;
}
