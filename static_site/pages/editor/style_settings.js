/** How Gemini writes: tone, length, language, instructions, forbidden words, and what it may fit a text to. */

import { html } from "../../html.js";
import { texts } from "../../texts.js";
import { Checkbox, Field, Select } from "../../ui/fields.js";
import { TRAIT_FIELDS } from "./draft.js";

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
      <${Field} label=${t.cap()} hint=${t.capHint()} inputmode="numeric" ...${form.bind("style.max_calls")} />
      <fieldset class="trait-fields">
        <legend>${t.traits()}</legend>
        ${TRAIT_FIELDS.map((name) => html`<${Checkbox} key=${name} label=${t.fields[name]()} ...${form.bind(`style.fields.${name}`)} />`)}
      </fieldset>
    </div>
  </details>`;
}
