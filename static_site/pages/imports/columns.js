/** The columns of a table: what each was understood as, with values and what does not fit. All of it can be changed. */

import { html } from "../../html.js";
import { number } from "../../texts/format.js";
import { texts } from "../../texts.js";
import { Card } from "../../ui/basic.js";
import { Select } from "../../ui/fields.js";
import { options, readings, withChoice } from "./column_mapping.js";
import { changeImport } from "./running_import.js";

/** @typedef {import("./running_import.js").ImportState} ImportState */

/** @param {{columns: Api.Column[], problem: string, state: ImportState, what: Api.FileKind, isLocked: boolean}} props */
export function Columns({ columns, problem, state, what, isLocked }) {
  const t = texts("imports");
  /** @param {string} key */
  const choose = (key) => (/** @type {Api.ColumnChoice} */ choice) =>
    changeImport({ columns: withChoice(state.columns, key, choice), checked: false, id: null });
  return html`<${Card} title=${t.columnsTitle()}>
    <div class="column-list" role="list">
      ${columns.map((column) => html`<${ColumnRow} key=${column.key} ...${{ column, what, isLocked }} onChoose=${choose(column.key)} />`)}
    </div>
    ${problem && html`<p class="form-problem" role="alert">${problem}</p>`}
  <//>`;
}

/** @param {{column: Api.Column, what: Api.FileKind, isLocked: boolean, onChoose: (choice: Api.ColumnChoice) => void}} props */
function ColumnRow({ column, what, isLocked, onChoose }) {
  const t = texts("imports");
  const known = options(column.key, t, what);
  const isKnown = known.some(({ value }) => value === column.field);
  const all = isKnown ? known : [...known, { value: column.field, label: column.field }];
  return html`<div class="column-row" role="listitem">
    <span class="column-name">
      <bdi>${column.key}</bdi>
      <bdi class="muted">${column.samples.join(" · ") || texts().nothing()}</bdi>
      ${column.is_alternative && html`<span class="muted">${t.alternative()}</span>`}
      ${column.may_be_consent && what !== "suppressions" && html`<span class="column-misfits">${t.mayBeConsent()}</span>`}
      <${Words} words=${column.words} />
      ${column.misfits > 0 && html`<${Misfits} column=${column} />`}
    </span>
    <span class="column-choices">
      <${Select}
        label=${t.fieldOf(column.key)} isLabelHidden value=${column.field} options=${all} disabled=${isLocked}
        onChange=${(/** @type {string} */ field) => onChoose({ field })}
      />
      <${Reading} ...${{ column, isLocked, onChoose }} />
    </span>
  </div>`;
}

/**
 * The type of an attribute, or the order of a date.
 *
 * @param {{column: Api.Column, isLocked: boolean, onChoose: (choice: Api.ColumnChoice) => void}} props
 */
function Reading({ column, isLocked, onChoose }) {
  const t = texts("imports");
  const found = readings(column);
  if (!found) return null;
  const { name, values } = found;
  return html`<${Select}
    label=${t.readingOf(column.key)} isLabelHidden value=${column[name] ?? ""} disabled=${isLocked}
    options=${values.map((value) => ({ value, label: t.readings[value]() }))}
    onChange=${(/** @type {string} */ value) => onChoose({ [name]: value })}
  />`;
}

/** @param {{words: Api.Column["words"]}} props */
function Words({ words }) {
  const t = texts("imports");
  return words.map(
    ({ word, meaning, count }) =>
      html`<span key=${word} class="muted"><bdi>${word}</bdi>: ${t.meanings[meaning]()} (${number(count)})</span>`,
  );
}

/** @param {{column: Api.Column}} props */
function Misfits({ column }) {
  const t = texts("imports");
  return html`<span class="column-misfits">
    ${t.misfits(column.misfits)} ${column.misfit_examples.map(({ row, value }) => html`<bdi key=${row}>${t.misfit(row, value ?? "")}</bdi> `)}
  </span>`;
}
