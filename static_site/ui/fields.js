/** Form fields with label, hint and errors. `form.bind(path)` gives their name, value, errors and `onChange`. */

import { html, useEffect, useId, useRef, useState } from "../html.js";
import { texts } from "../texts.js";
import { Button, Icon } from "./basic.js";

/** @typedef {import("../html.js").Children} Children */

/**
 * @typedef {{
 *   label: string, name?: string, value?: any, errors?: string[], onChange?: (value: any) => unknown, hint?: Children,
 *   isLabelHidden?: boolean, [attribute: string]: any,
 * }} FieldProps
 */

/**
 * @param {{id: string, label: string, hint?: Children, errors?: string[], isLabelHidden?: boolean, children: Children}} props
 */
const Frame = ({ id, label, hint, errors, isLabelHidden, children }) => html`<div class="form-field">
  <label class=${isLabelHidden ? "visually-hidden" : "form-label"} for=${id}>${label}</label>
  ${children}
  ${hint && html`<p class="form-hint" id="${id}-hint">${hint}</p>`}
  <${FieldErrors} id=${id} errors=${errors} />
</div>`;

/** @param {{id: string, errors?: string[]}} props */
const FieldErrors = ({ id, errors }) =>
  errors?.length
    ? html`<p class="form-problem" id="${id}-error"><${Icon} name="alert" size=${14} /><span>${errors.join(" ")}</span></p>`
    : null;

/**
 * What a control needs for screen readers.
 *
 * @param {string} id
 * @param {FieldProps} props
 */
const described = (id, { hint, errors }) => ({
  "aria-describedby": [hint && `${id}-hint`, errors?.length && `${id}-error`].filter(Boolean).join(" ") || undefined,
  "aria-invalid": errors?.length ? "true" : undefined,
});

/**
 * A text field; `isMultiline` gives several lines, `unit` a text at its end, such as "per minute".
 *
 * @param {FieldProps & {isMultiline?: boolean, unit?: string, type?: string}} props
 */
export function Field({ label, name, value, errors, onChange, hint, isLabelHidden, isMultiline, unit, ...rest }) {
  const id = useId();
  /** @param {{currentTarget: HTMLInputElement}} event */
  const onInput = (event) => onChange?.(event.currentTarget.value);
  const shared = { id, name, value: value ?? "", onInput, ...described(id, { label, hint, errors }), ...rest };
  const control = isMultiline
    ? html`<textarea class="control" rows="5" ...${shared}></textarea>`
    : html`<input class="control" type="text" autocomplete="off" ...${shared} />`;
  return html`<${Frame} ...${{ id, label, hint, errors, isLabelHidden }}>
    ${unit ? html`<span class="control-unit">${control}<span aria-hidden="true">${unit}</span></span>` : control}
  <//>`;
}

/**
 * A choice from a list. `options` may have groups: `{label, options}`.
 *
 * @typedef {{value: string, label: string, disabled?: boolean}} Option
 * @param {FieldProps & {options: (Option | {label: string, options: Option[]})[]}} props
 */
export function Select({ label, name, value, errors, onChange, hint, isLabelHidden, options, ...rest }) {
  const id = useId();
  /** @param {{currentTarget: HTMLSelectElement}} event */
  const onInput = (event) => onChange?.(event.currentTarget.value);
  /** @param {Option} option */
  const item = (option) => html`<option
    key=${option.value} value=${option.value} disabled=${option.disabled} selected=${option.value === value}
  >${option.label}</option>`;
  return html`<${Frame} ...${{ id, label, hint, errors, isLabelHidden }}>
    <span class="control-select">
      <select class="control" ...${{ id, name, value, onInput, ...described(id, { label, hint, errors }), ...rest }}>
        ${options.map((option) =>
          "options" in option
            ? html`<optgroup key=${option.label} label=${option.label}>${option.options.map(item)}</optgroup>`
            : item(option),
        )}
      </select>
      <${Icon} name="chevron" size=${16} />
    </span>
  <//>`;
}

/**
 * One of a few options that are all visible, as radio buttons.
 *
 * @param {FieldProps & {options: {value: string, label: string, hint?: string, disabled?: boolean}[]}} props
 */
export function Choice({ label, name, value, errors, onChange, hint, options }) {
  const id = useId();
  return html`<fieldset class="form-field choice-group" ...${described(id, { label, hint, errors })} aria-invalid=${undefined}>
    <legend class="form-label">${label}</legend>
    ${hint && html`<p class="form-hint" id="${id}-hint">${hint}</p>`}
    <div class="choice-options">
      ${options.map(
        (option) => html`<label key=${option.value} class="choice-option">
          <input
            type="radio" name=${name ?? id} value=${option.value} checked=${option.value === value}
            disabled=${option.disabled} onChange=${() => onChange?.(option.value)}
            aria-invalid=${errors?.length ? "true" : undefined}
          />
          <span class="choice-text"><span>${option.label}</span>${option.hint && html`<small>${option.hint}</small>`}</span>
        </label>`,
      )}
    </div>
    <${FieldErrors} id=${id} errors=${errors} />
  </fieldset>`;
}

/**
 * Yes or no.
 *
 * @param {FieldProps} props
 */
export function Checkbox({ label, name, value, errors, onChange, hint, ...rest }) {
  const id = useId();
  /** @param {{currentTarget: HTMLInputElement}} event */
  const toggle = (event) => onChange?.(event.currentTarget.checked);
  const shared = { id, name, checked: Boolean(value), onChange: toggle, ...described(id, { label, hint, errors }) };
  return html`<div class="form-field">
    <span class="choice-option">
      <input type="checkbox" ...${shared} ...${rest} />
      <span class="choice-text"><label for=${id}>${label}</label>${hint && html`<small id="${id}-hint">${hint}</small>`}</span>
    </span>
    <${FieldErrors} id=${id} errors=${errors} />
  </div>`;
}

const SEARCH_DELAY = 200;

/**
 * A search: `onChange` is called when the reader stops typing.
 *
 * @param {{label: string, value: string, onChange: (text: string) => unknown, placeholder?: string, delay?: number}} props
 */
export function SearchField({ label, value, onChange, placeholder, delay = SEARCH_DELAY }) {
  const [text, setText] = useState(value);
  const sent = useRef(value);
  useEffect(() => {
    if (value !== sent.current) setText(value); // the address changed, as by Back
    sent.current = value;
  }, [value]);
  useEffect(() => {
    if (text.trim() === sent.current) return;
    const timer = setTimeout(() => {
      sent.current = text.trim();
      onChange(text.trim());
    }, delay);
    return () => clearTimeout(timer);
  }, [text]);
  /** @param {{currentTarget: HTMLInputElement}} event */
  const onInput = (event) => setText(event.currentTarget.value);
  return html`<div class="search-field">
    <${Icon} name="search" size=${16} />
    <input
      class="control" type="search" aria-label=${label} placeholder=${placeholder ?? label} autocomplete="off"
      value=${text} onInput=${onInput}
    />
  </div>`;
}

/**
 * The end of a form: its error, the button that saves, and what else there is.
 *
 * @param {{
 *   form: {errors: Record<string, string[]>, isSaving: boolean}, submit: string, isDanger?: boolean,
 *   onCancel?: () => unknown, children?: Children,
 * }} props
 */
export const FormEnd = ({ form, submit, isDanger, onCancel, children }) => html`<div class="form-end">
  ${form.errors[""] && html`<p class="form-problem" role="alert" tabindex="-1"><${Icon} name="alert" size=${14} /><span>${form.errors[""].join(" ")}</span></p>`}
  <div class="button-row">
    ${children}
    ${onCancel && html`<${Button} kind="quiet" onClick=${onCancel}>${texts().actions.cancel()}<//>`}
    <${Button} kind=${isDanger ? "danger primary" : "primary"} type="submit" isBusy=${form.isSaving}>${submit}<//>
  </div>
</div>`;
