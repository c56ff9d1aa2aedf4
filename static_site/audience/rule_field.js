/** The text of a rule: suggestions while it is typed, and what is wrong with it, with the correction as one click. */

import { allFields } from "../data/fields.js";
import { html, useId, useLayoutEffect, useRef, useState } from "../html.js";
import { texts } from "../texts.js";
import { Button, Icon } from "../ui/basic.js";
import { completionsAt, withCompletion } from "./completions.js";
import { ruleErrorText } from "./error_text.js";

const MAX_LENGTH = 10_000;

/** @typedef {import("./use_audience.js").AudienceState} AudienceState */

/** @param {{audience: AudienceState, name: string, errors?: string[]}} props */
export function RuleField({ audience, name, errors = [] }) {
  const t = texts("audience");
  const id = useId();
  const area = useRef(/** @type {HTMLTextAreaElement | null} */ (null));
  const completions = useCompletions(area, audience);
  const own = audience.isBuilt ? audience.errors.filter(({ field }) => !field.startsWith("rules.")) : audience.errors;
  const isWrong = own.length > 0 || errors.length > 0;
  const { isOpen, active } = completions;
  return html`<div class="form-field rule-field">
    <label class="visually-hidden" for=${id}>${t.rule()}</label>
    <textarea
      id=${id} name=${name} class="control code" rows="4" maxlength=${MAX_LENGTH} spellcheck=${false} autocapitalize="none"
      autocomplete="off" ref=${area} value=${audience.text} placeholder=${t.placeholder()}
      aria-invalid=${isWrong ? "true" : undefined} aria-describedby="${id}-hint ${id}-error" aria-autocomplete="list"
      aria-controls=${isOpen ? `${id}-list` : undefined} aria-activedescendant=${isOpen ? `${id}-${active}` : undefined}
      ...${completions.props}
    ></textarea>
    ${isOpen && html`<${CompletionList} id=${id} completions=${completions} />`}
    <div id="${id}-error" class="rule-errors">
      ${errors.length > 0 && !own.length && html`<p class="form-problem"><${Icon} name="alert" size=${14} /><span>${errors.join(" ")}</span></p>`}
      ${own.map((error) => html`<${RuleError} key=${error.message} error=${error} audience=${audience} area=${area} />`)}
    </div>
    <p class="form-hint" id="${id}-hint">${t.hint()}</p>
  </div>`;
}

/**
 * @param {{error: Api.FieldError, audience: AudienceState, area: {current: HTMLTextAreaElement | null}}} props
 */
function RuleError({ error, audience, area }) {
  const t = texts("audience");
  const { position, suggestion } = error;
  const fix = () => {
    audience.setText(suggestion ?? "");
    area.current?.focus();
  };
  const show = () => {
    area.current?.focus();
    area.current?.setSelectionRange((position ?? 1) - 1, audience.text.length);
  };
  return html`<div class="rule-error">
    <p class="form-problem"><${Icon} name="alert" size=${14} /><span>${ruleErrorText(error)}</span></p>
    ${suggestion && html`<p class="rule-fix"><span>${t.didYouMean()}</span> <code>${suggestion}</code> <${Button} isSmall icon="check" onClick=${fix}>${t.useIt()}<//></p>`}
    ${!suggestion && position && html`<${Button} kind="quiet" isSmall onClick=${show}>${t.showPlace(position)}<//>`}
  </div>`;
}

/**
 * @typedef {{
 *   items: import("./completions.js").Completion[], isOpen: boolean, active: number, choose: (index: number) => void,
 *   props: Record<string, unknown>,
 * }} Completions
 */

/** @param {{id: string, completions: Completions}} props */
const CompletionList = ({ id, completions: { items, active, choose } }) => html`<ul
  class="completions" role="listbox" id="${id}-list" aria-label=${texts("audience").suggestions()}
>
  ${items.map(
    ({ label, detail }, index) => html`<li
      key=${label} id="${id}-${index}" role="option" aria-selected=${index === active}
      onMouseDown=${(/** @type {Event} */ event) => {
        event.preventDefault(); // the text keeps the focus
        choose(index);
      }}
    ><code>${label}</code>${detail && html`<span>${detail}</span>`}</li>`,
  )}
</ul>`;

/**
 * @param {{current: HTMLTextAreaElement | null}} area
 * @param {AudienceState} audience
 * @returns {Completions}
 */
function useCompletions(area, audience) {
  const [cursor, setCursor] = useState(/** @type {number | null} */ (null)); // null: closed
  const [active, setActive] = useState(0);
  const next = useRef(/** @type {number | null} */ (null));
  useLayoutEffect(() => {
    if (next.current !== null) area.current?.setSelectionRange(next.current, next.current);
    next.current = null;
  }, [audience.text]);
  const fields = allFields().filter(({ operators }) => operators.length);
  const items = cursor === null ? [] : completionsAt(audience.text, cursor, fields);
  /** @param {number} index */
  const choose = (index) => {
    const { text, cursor: after } = withCompletion(audience.text, cursor ?? 0, items[index].insert);
    next.current = after;
    setCursor(null);
    audience.setText(text);
  };
  /** @param {any} event */
  const onInput = ({ currentTarget: { value, selectionStart } }) => {
    audience.setText(value);
    setActive(0);
    setCursor(selectionStart);
  };
  /** @param {KeyboardEvent} event */
  const onKeyDown = (event) => {
    const action = items.length > 0 && keyActions({ active, count: items.length, setActive, choose, close })[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  };
  const close = () => setCursor(null);
  return {
    items,
    isOpen: items.length > 0,
    active,
    choose,
    props: { onInput, onKeyDown, onBlur: close, onClick: close },
  };
}

/**
 * @param {{
 *   active: number, count: number, setActive: (index: number) => void, choose: (index: number) => void, close: () => void,
 * }} options
 * @returns {Record<string, () => void>}
 */
const keyActions = ({ active, count, setActive, choose, close }) => ({
  ArrowDown: () => setActive((active + 1) % count),
  ArrowUp: () => setActive((active - 1 + count) % count),
  Enter: () => choose(active),
  Escape: close,
});
