/** A rule as conditions in groups. */

import { html, useRef, useState } from "../html.js";
import { number } from "../texts/format.js";
import { texts } from "../texts.js";
import { Button, Icon } from "../ui/basic.js";
import { ConditionRow } from "./condition_row.js";
import { countConditions, withItem, withNewCondition } from "./rule_model.js";
import { ruleText } from "./rule_text.js";

const MAX_DEPTH = 4; // deeper groups are shown, but not added here

/** @typedef {import("./use_audience.js").AudienceState} AudienceState */
/** @typedef {import("./rule_model.js").Group} Group */
/** @typedef {import("./rule_model.js").Item} Item */

/**
 * What every item of the builder needs.
 *
 * @typedef {{
 *   audience: AudienceState, isOnly: boolean, focused: number | null, onFocused: () => void,
 *   change: (id: number, change: (item: any) => Item | null) => void,
 *   add: (id: number, options: {isGroup?: boolean}) => void,
 * }} Builder
 */

/** @param {{audience: AudienceState}} props */
export function RuleBuilder({ audience }) {
  const { model, setModel, isBuilt, text } = audience;
  const [focused, setFocused] = useState(/** @type {number | null} */ (null)); // the new condition gets the focus
  const element = useRef(/** @type {HTMLElement | null} */ (null));
  /** @type {Builder} */
  const builder = {
    audience,
    isOnly: countConditions(model) === 1,
    focused,
    onFocused: () => setFocused(null),
    change: (id, change) => {
      const next = withItem(model, id, change);
      setModel(next);
      if (countConditions(next) < countConditions(model)) element.current?.focus();
    },
    add: (id, options) => {
      const { model: next, added } = withNewCondition(model, id, options);
      setModel(next);
      setFocused(added);
    },
  };
  const isStale = !isBuilt && audience.errors.length > 0 && text.trim() !== "";
  return html`<div class="rule-builder" ref=${element} tabindex="-1">
    ${isStale && html`<p class="form-hint">${texts("audience").staleBuilder()}</p>`}
    <fieldset class="plain-fieldset" disabled=${isStale}>
      <${RuleGroup} group=${model} depth=${0} title=${texts("audience").wholeRule()} builder=${builder} />
    </fieldset>
  </div>`;
}

/** @type {("all" | "any" | "not_all" | "none")[]} */
const JOINS = ["all", "any", "none", "not_all"];

/** @param {Group} group */
const joinOf = ({ join, not }) => {
  if (join === "and") return not ? "not_all" : "all";
  return not ? "none" : "any";
};

/** @param {string} name */
const joinFrom = (name) => ({
  join: /** @type {"and" | "or"} */ (["all", "not_all"].includes(name) ? "and" : "or"),
  not: ["none", "not_all"].includes(name),
});

/** @param {{group: Group, depth: number, title: string, builder: Builder}} props */
function RuleGroup({ group, depth, title, builder }) {
  const t = texts("audience");
  const { change, add } = builder;
  const needsJoin = group.items.length > 1 || group.not || depth > 0;
  /** @param {string} name */
  const setJoin = (name) => change(group.id, (item) => ({ ...item, ...joinFrom(name) }));
  return html`<div class="rule-group" role="group" aria-label=${title} data-depth=${depth} data-not=${group.not}>
    ${
      needsJoin &&
      html`<div class="group-head">
      <${JoinSelect} value=${joinOf(group)} onChange=${setJoin} />
      ${depth > 0 && html`<${PartCount} id=${group.id} audience=${builder.audience} />`}
      ${depth > 0 && html`<${Button} kind="quiet" icon="x" isSmall label=${t.removeGroup()} onClick=${() => change(group.id, () => null)} />`}
    </div>`
    }
    <ol class="group-items">
      ${group.items.map(
        (
          item,
          index,
        ) => html`<li key=${item.id} class="group-item" data-join=${index ? t.joins[group.join]() : undefined}>
          <${RuleItem} item=${item} index=${index} depth=${depth} builder=${builder} />
        </li>`,
      )}
    </ol>
    <div class="button-row group-end">
      <${Button} kind="quiet" icon="plus" isSmall onClick=${() => add(group.id, {})}>${t.addCondition()}<//>
      ${depth < MAX_DEPTH && html`<${Button} kind="quiet" icon="plus" isSmall onClick=${() => add(group.id, { isGroup: true })}>${t.addGroup()}<//>`}
    </div>
  </div>`;
}

/** @param {{value: string, onChange: (value: string) => void}} props */
function JoinSelect({ value, onChange }) {
  const t = texts("audience");
  return html`<span class="control-select join-select">
    <select
      class="control" aria-label=${t.joinLabel()} value=${value}
      onInput=${(/** @type {any} */ event) => onChange(event.currentTarget.value)}
    >
      ${JOINS.map((name) => html`<option key=${name} value=${name} selected=${name === value}>${t.joinNames[name]()}</option>`)}
    </select>
    <${Icon} name="chevron" size=${16} />
  </span>`;
}

/** @param {{item: Item, index: number, depth: number, builder: Builder}} props */
function RuleItem({ item, index, depth, builder }) {
  const t = texts("audience");
  if (item.kind === "group") {
    return html`<${RuleGroup} group=${item} depth=${depth + 1} title=${t.group(index + 1)} builder=${builder} />`;
  }
  const count = html`<${PartCount} id=${item.id} audience=${builder.audience} />`;
  const remove = !builder.isOnly && (() => builder.change(item.id, () => null));
  if (item.kind === "fixed") return html`<${FixedPart} node=${item.node} remove=${remove}>${count}<//>`;
  return html`<${ConditionRow}
    condition=${item.condition} title=${t.condition(index + 1)} remove=${remove}
    errors=${errorsAt(builder.audience, item.id)} isFocused=${builder.focused === item.id} onFocused=${builder.onFocused}
    onChange=${(/** @type {Ui.Condition} */ condition) => builder.change(item.id, (old) => ({ ...old, condition }))}
  >${count}<//>`;
}

/** @param {{node: Api.RuleNode, remove: false | (() => void), children?: any}} props */
const FixedPart = ({ node, remove, children }) => html`<div class="condition fixed">
  <code>${ruleText(node)}</code>
  <span class="form-hint">${texts("audience").onlyText()}</span>
  ${children}
  ${remove && html`<${Button} kind="quiet" icon="x" isSmall label=${texts("audience").removeCondition()} onClick=${remove} />`}
</div>`;

/**
 * The errors of one condition: those whose path begins with its own.
 *
 * @param {AudienceState} audience
 * @param {number} id
 */
function errorsAt({ errors, paths, isBuilt }, id) {
  const path = paths.get(id);
  if (!(isBuilt && path)) return [];
  return errors.filter(({ field }) => field === path || field.startsWith(`${path}.`));
}

/**
 * How many people match this part alone, if the rule has several.
 *
 * @param {{id: number, audience: AudienceState}} props
 */
function PartCount({ id, audience: { preview, paths, isCurrent } }) {
  const path = paths.get(id);
  const part = preview && preview.parts.length > 1 && preview.parts.find((one) => one.path === path);
  if (!part) return html`<span class="part-count"></span>`;
  const title = texts("audience").matchAlone(part.count);
  return html`<span class="part-count" title=${title} data-old=${!isCurrent}>
    <span aria-hidden="true">${number(part.count)}</span><span class="visually-hidden">${title}</span>
  </span>`;
}
