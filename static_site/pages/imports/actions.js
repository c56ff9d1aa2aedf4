/** The last steps of an import: what nobody but the reader knows, the check, and the import. */

import { html } from "../../html.js";
import { texts } from "../../texts.js";
import { Button, Card } from "../../ui/basic.js";
import { Select } from "../../ui/fields.js";
import { ask } from "../../ui/overlays.js";
import { changeImport, startImport, suppressFile } from "./running_import.js";

/** @typedef {import("./running_import.js").ImportState} ImportState */

/**
 * The primary button is the next sensible step: the check first, then the import.
 *
 * @param {{
 *   state: ImportState, what: Api.FileKind, isRunning: boolean, isImported: boolean, problem: string, step: number,
 * }} props
 */
export function Actions({ state, what, isRunning, isImported, problem, step }) {
  const t = texts("imports");
  if (isImported || state.suppressed) return null;
  if (what === "suppressions") return html`<${SuppressStep} isOff=${isRunning || problem !== ""} step=${step} />`;
  const isAnswered = what === "activities" || state.consent;
  const isOff = isRunning || problem !== "" || !isAnswered;
  return html`${
    what === "activities"
      ? html`<${UnknownQuestion} state=${state} isLocked=${isRunning} step=${step} />`
      : html`<${ConsentQuestion} state=${state} isLocked=${isRunning} step=${step} />`
  }
  <${Card} title=${t.runTitle(step + 1)}><div class="button-row">
    <${Button} kind=${state.checked ? undefined : "primary"} disabled=${isOff} onClick=${() => startImport({ isDryRun: true })}>${t.check()}<//>
    <${Button} kind=${state.checked ? "primary" : undefined} disabled=${isOff} onClick=${() => startImport({ isDryRun: false })}>${t.import()}<//>
  </div><//>`;
}

/**
 * Whether these people agreed: without an answer nothing is imported.
 *
 * @param {{state: ImportState, isLocked: boolean, step: number}} props
 */
function ConsentQuestion({ state, isLocked, step }) {
  const t = texts("imports").consent;
  const answers = ["granted", "denied", "unknown"].map((value) => ({
    value,
    label: t.answers[/** @type {"granted"} */ (value)](),
  }));
  return html`<${Card} title=${t.title(step)}>
    <${Select}
      label=${t.question()} name="consent" value=${state.consent} disabled=${isLocked} hint=${t.hint()}
      options=${state.consent ? answers : [{ value: "", label: t.choose() }, ...answers]}
      onChange=${(/** @type {string} */ consent) => changeImport({ consent, id: null })}
    />
  <//>`;
}

/**
 * What becomes of orders and visits of nobody whom Herald knows.
 *
 * @param {{state: ImportState, isLocked: boolean, step: number}} props
 */
function UnknownQuestion({ state, isLocked, step }) {
  const t = texts("imports").unknownPeople;
  const answers = /** @type {const} */ (["reject", "create"]);
  return html`<${Card} title=${t.title(step)}>
    <${Select}
      label=${t.question()} name="unknown" value=${state.unknown} disabled=${isLocked} hint=${t.hint()}
      options=${answers.map((value) => ({ value, label: t.answers[value]() }))}
      onChange=${(/** @type {"reject" | "create"} */ unknown) => changeImport({ unknown, checked: false, id: null })}
    />
  <//>`;
}

/** @param {{isOff: boolean, step: number}} props */
function SuppressStep({ isOff, step }) {
  const t = texts("imports").suppress;
  const start = async () => {
    const isSure = await ask({ title: t.ask(), text: t.text(), confirm: t.action(), isDanger: true });
    if (isSure) await suppressFile();
  };
  return html`<${Card} title=${t.title(step)}>
    <p>${t.text()}</p>
    <div class="button-row"><${Button} kind="primary" disabled=${isOff} onClick=${start}>${t.action()}<//></div>
  <//>`;
}
