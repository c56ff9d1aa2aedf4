/** One condition of the rule builder: what it is about, a comparison, and the values. */

import { html, useEffect, useId, useRef, useState } from "../html.js";
import { texts } from "../texts.js";
import { Button, Icon } from "../ui/basic.js";
import { ruleErrorText } from "./error_text.js";
import { conditionFields, kindOf, readValue, readValues, toInputText } from "./fields.js";
import {
  argumentsOf,
  attributeField,
  attributeOf,
  comparisonOf,
  comparisonsFor,
  isComplete,
  isOptional,
  newCondition,
  subjectOf,
  withComparison,
} from "./rules.js";
import { useSuggestions } from "./suggestions.js";

/** @typedef {import("../html.js").Children} Children */
/** @typedef {(changed: Ui.Condition) => void} OnCondition */

const DAY = /^\d{4}-\d\d-\d\d$/; // an exact time is shown as text
/** @type {Record<string, Ui.ValueKind>} */
const ARGUMENT_KINDS = { days: "number", tag: "text", segment: "text", campaign: "text" };
const ACTIVITY = ["inactive", "active", "ordered", "visited"];
const MESSAGES = ["received", "opened", "clicked"];
const OTHERS = ["has_tag", "in_segment", "attributes", "everyone"];

/**
 * `children` stands at the end of the row. Without `remove` the condition stays.
 *
 * @param {{
 *   condition: Ui.Condition, title: string, errors: Api.FieldError[], onChange: OnCondition,
 *   remove: false | (() => void), isFocused: boolean, onFocused: () => void, children?: Children,
 * }} props
 */
export function ConditionRow({ condition, title, errors, onChange, remove, isFocused, onFocused, children }) {
  const t = texts("audience");
  const id = useId();
  const element = useRef(/** @type {HTMLElement | null} */ (null));
  useEffect(() => {
    if (!isFocused) return;
    element.current?.querySelector("select")?.focus();
    onFocused();
  }, [isFocused]);
  const shared = { condition, onChange, described: errors.length ? `${id}-error` : undefined };
  return html`<div class="condition" role="group" aria-label=${title} ref=${element} data-incomplete=${!isComplete(condition)}>
    <div class="condition-parts">
      <${SubjectSelect} ...${shared} />
      ${subjectOf(condition) === "attributes" && html`<${AttributeInput} ...${shared} />`}
      <${ComparisonSelect} ...${shared} />
      ${argumentsOf(condition).map((name) => html`<${Argument} key=${`${subjectOf(condition)} ${name}`} name=${name} ...${shared} />`)}
    </div>
    ${children}
    ${remove ? html`<${Button} kind="quiet" icon="x" isSmall label=${`${t.removeCondition()}: ${title}`} onClick=${remove} />` : html`<span></span>`}
    ${errors.length > 0 && html`<p class="form-problem" id=${`${id}-error`}><${Icon} name="alert" size=${14} /><span>${errors.map(ruleErrorText).join(" ")}</span></p>`}
  </div>`;
}

/** @typedef {{condition: Ui.Condition, onChange: OnCondition, described?: string}} PartProps */

/** @param {PartProps} props */
function SubjectSelect({ condition, onChange, described }) {
  const { subjects, subjectGroups, subject } = texts("audience");
  const selected = subjectOf(condition);
  /** @param {string[]} names */
  const options = (names) => names.map((name) => ({ value: name, label: subjects[/** @type {"active"} */ (name)]() }));
  const groups = [
    { label: subjectGroups.fields(), options: conditionFields().map(({ name, label }) => ({ value: name, label })) },
    { label: subjectGroups.activity(), options: options(ACTIVITY) },
    { label: subjectGroups.messages(), options: options(MESSAGES) },
    { label: subjectGroups.others(), options: options(OTHERS) },
  ];
  const isOffered = groups.some((group) => group.options.some(({ value }) => value === selected));
  return html`<${Pick}
    label=${subject()} value=${selected} described=${described} part="subject"
    options=${isOffered ? groups : [{ value: selected, label: selected }, ...groups]}
    onChange=${(/** @type {string} */ name) => onChange(newCondition(name))}
  />`;
}

/**
 * A small list without a visible label.
 *
 * @typedef {{value: string, label: string}} PickOption
 * @param {{
 *   label: string, value: string, options: (PickOption | {label: string, options: PickOption[]})[], part: string,
 *   described?: string, onChange: (value: string) => void,
 * }} props
 */
function Pick({ label, value, options, part, described, onChange }) {
  /** @param {PickOption} option */
  const item = (option) =>
    html`<option key=${option.value} value=${option.value} selected=${option.value === value}>${option.label}</option>`;
  return html`<span class="control-select" data-part-name=${part}>
    <select
      class="control" aria-label=${label} aria-describedby=${described} value=${value}
      onInput=${(/** @type {any} */ event) => onChange(event.currentTarget.value)}
    >
      ${options.map((option) =>
        "options" in option
          ? html`<optgroup key=${option.label} label=${option.label}>${option.options.map(item)}</optgroup>`
          : item(option),
      )}
    </select>
    <${Icon} name="chevron" size=${16} />
  </span>`;
}

/** @param {PartProps} props */
function AttributeInput({ condition, onChange, described }) {
  const { attributeName } = texts("audience");
  return html`<input
    class="control" aria-label=${attributeName()} placeholder=${attributeName()} aria-describedby=${described}
    value=${attributeOf(condition)} data-part-name="attribute" autocomplete="off" spellcheck="false"
    onInput=${(/** @type {any} */ event) => onChange({ ...condition, field: attributeField(event.currentTarget.value) })}
  />`;
}

/** @param {PartProps} props */
function ComparisonSelect({ condition, onChange, described }) {
  const { comparison } = texts("audience");
  const options = comparisonsFor(condition).map((key) => ({ value: key, label: comparisonLabel(condition, key) }));
  if (options.length < 2 && !condition.field) return null;
  return html`<${Pick}
    label=${comparison()} value=${comparisonOf(condition)} options=${options} described=${described} part="comparison"
    onChange=${(/** @type {string} */ key) => onChange(withComparison(condition, key))}
  />`;
}

/**
 * @param {Ui.Condition} condition
 * @param {string} key
 */
function comparisonLabel(condition, key) {
  const { comparisons, dateComparisons, not } = texts("audience");
  /** @type {Record<string, () => string>} */
  const own =
    condition.field && kindOf(condition.field) === "date" ? { ...comparisons, ...dateComparisons } : comparisons;
  return own[key]?.() ?? not(own[key.replace("not ", "")]?.() ?? key);
}

/** @param {PartProps & {name: string}} props */
function Argument({ condition, name, onChange, described }) {
  const { flags, value: label } = texts("audience");
  const kind = ARGUMENT_KINDS[name] ?? (condition.field ? kindOf(condition.field) : "number");
  /** @param {Ui.ConditionValue} value */
  const set = (value) => onChange({ ...condition, [name]: value });
  if (kind !== "flag") return html`<${ValueInput} ...${{ condition, name, kind, described }} onValue=${set} />`;
  const options = [
    { value: "", label: flags.choose() },
    { value: "yes", label: flags.yes() },
    { value: "no", label: flags.no() },
  ];
  return html`<${Pick}
    label=${label()} value=${toInputText("flag", condition[name])} options=${options} described=${described} part="value"
    onChange=${(/** @type {string} */ text) => set(readValue("flag", text))}
  />`;
}

/**
 * An input that keeps what the reader types, also while it is not a value.
 *
 * @param {{
 *   condition: Ui.Condition, name: string, kind: Ui.ValueKind, described?: string,
 *   onValue: (value: Ui.ConditionValue) => void,
 * }} props
 */
function ValueInput({ condition, name, kind, described, onValue }) {
  const { argumentLabels, daysUnit } = texts("audience");
  const id = useId();
  const value = condition[name];
  const { text, onInput } = useTyped(name === "values" ? readValues : readValue, kind, value, onValue);
  const { values, load } = useSuggestions({ name, field: condition.field });
  const isDay = kind === "date" && name !== "values" && (!value || DAY.test(String(value)));
  return html`<span class="value-part" data-part-name=${name}>
    <input
      class="control" type=${isDay ? "date" : "text"} inputmode=${kind === "number" ? "decimal" : undefined}
      aria-label=${argumentLabels[/** @type {"days"} */ (name)]()} aria-describedby=${described}
      aria-invalid=${described && "true"} placeholder=${placeholderOf(condition, name)} value=${text} onInput=${onInput}
      onFocus=${load} autocomplete="off" list=${values.length ? id : undefined}
    />
    ${name === "days" && html`<span class="form-hint" aria-hidden="true">${daysUnit()}</span>`}
    ${values.length > 0 && html`<datalist id=${id}>${values.map((one) => html`<option key=${one} value=${one}></option>`)}</datalist>`}
  </span>`;
}

/**
 * @param {Ui.Condition} condition
 * @param {string} name
 */
function placeholderOf(condition, name) {
  const { placeholders, optional } = texts("audience");
  if (isOptional(condition, name)) return optional[/** @type {"days"} */ (name)]();
  return placeholders[/** @type {"days"} */ (name)]();
}

/**
 * What the reader typed, until the value changes elsewhere.
 *
 * @param {(kind: Ui.ValueKind, text: string) => Ui.ConditionValue} read
 * @param {Ui.ValueKind} kind
 * @param {Ui.ConditionValue} value
 * @param {(value: Ui.ConditionValue) => void} onValue
 */
function useTyped(read, kind, value, onValue) {
  const [typed, setTyped] = useState(toInputText(kind, value));
  const isSame = JSON.stringify(read(kind, typed) ?? null) === JSON.stringify(value ?? null);
  /** @param {any} event */
  const onInput = (event) => {
    setTyped(event.currentTarget.value);
    onValue(read(kind, event.currentTarget.value));
  };
  return { text: isSame ? typed : toInputText(kind, value), onInput };
}
