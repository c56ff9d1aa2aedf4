/** How Gemini writes: tone, length, language, instructions, forbidden words, and what it may fit a text to. */

import { html } from "../../html.js";
import { texts } from "../../texts.js";
import { Checkbox, Field, Select } from "../../ui/fields.js";
import { TRAIT_FIELDS } from "./draft.js";

/**
 * 0 is a text for everybody; `chosen` may be another number, set by the API.
 *
 * @param {string} chosen
 */
const variantChoices = (chosen) =>
  [...new Set([0, 1, 3, 5, 10, Number(chosen)])].toSorted((left, right) => left - right);

/** @param {{draft: import("./use_draft.js").Draft}} props */
export function StyleSettings({ draft: { form } }) {
  const t = texts("editor").style;
  /**
   * @param {"tone" | "length" | "language"} name
   * @param {string[]} values
   */
  const choice = (name, values) => html`<${Select}
    label=${t[name].label()} ...${form.bind(`style.${name}`)}
    options=${["", ...values].map((value) => ({ value, label: t[name].options[/** @type {"none"} */ (value || "none")]() }))}
  />`;
  return html`<details class="fold">
    <summary>${t.title()}</summary>
    <div class="stack-view style-settings">
      ${choice("tone", ["warm", "formal", "playful", "plain"])}
      ${choice("length", ["short", "long"])}
      ${choice("language", ["en", "hi", "person"])}
      <${Field} label=${t.instructions()} hint=${t.instructionsHint()} isMultiline rows="3" maxlength="1000" ...${form.bind("style.instructions")} />
      <${Field} label=${t.forbidden()} hint=${t.forbiddenHint()} ...${form.bind("style.forbidden_words")} />
      <${Select} label=${t.variants.label()} hint=${t.variants.hint()} ...${form.bind("style.variants")}
        options=${variantChoices(form.values.style.variants).map((value) => ({ value: String(value || ""), label: value ? t.variants.shared(value) : t.variants.own() }))}
      />
      <${Field} label=${t.cap()} hint=${t.capHint()} inputmode="numeric" ...${form.bind("style.max_calls")} />
      <fieldset class="trait-fields">
        <legend>${t.traits()}</legend>
        ${TRAIT_FIELDS.map((name) => html`<${Checkbox} key=${name} label=${t.fields[name]()} ...${form.bind(`style.fields.${name}`)} />`)}
      </fieldset>
    </div>
  </details>`;
}
