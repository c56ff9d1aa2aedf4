/** A rule as conditions and as text, side by side where there is room, and in step. */

import { useFields } from "../data/use_fields.js";
import { html } from "../html.js";
import { texts } from "../texts.js";
import { Loaded } from "../ui/basic.js";
import { RuleBuilder } from "./rule_builder.js";
import { RuleField } from "./rule_field.js";
import { WordsRule } from "./words_rule.js";

/**
 * `errors` are those of the form, such as a rule that is missing. `name` is the name of the text field. `children` stand
 * below the text.
 *
 * @param {{
 *   audience: import("./use_audience.js").AudienceState, name?: string, errors?: string[],
 *   children?: import("../html.js").Children,
 * }} props
 */
export function RuleEditor({ audience, name = "text", errors, children }) {
  const t = texts("audience");
  const fields = useFields();
  return html`<div class="rule-editor"><${WordsRule} audience=${audience} /><div class="rule-panes">
    <section class="rule-pane" aria-label=${t.builder()}>
      <p class="pane-title">${t.builder()}</p>
      <${Loaded} resource=${fields} rows=${3}>${() => html`<${RuleBuilder} audience=${audience} />`}<//>
    </section>
    <section class="rule-pane" aria-label=${t.asText()}>
      <p class="pane-title">${t.asText()}</p>
      <${RuleField} ...${{ audience, name, errors }} />
      ${children}
    </section>
  </div></div>`;
}
