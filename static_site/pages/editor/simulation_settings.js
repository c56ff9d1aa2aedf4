/** How the simulator behaves for this campaign: for practice, because it sends nothing. */

import { html } from "../../html.js";
import { number, percentage } from "../../texts/format.js";
import { texts } from "../../texts.js";
import { Select } from "../../ui/fields.js";

/** What can be chosen; the API may have set another value. */
const CHOICES = /** @type {const} */ ({
  success: [100, 95, 90, 75, 50, 0],
  latency: [0, 1, 3, 10],
  duplicates: [0, 10, 50, 100],
  reorder: [1, 3, 10],
  outage: [5, 15, 30, 50],
});

/** @param {{form: import("./use_draft.js").Draft["form"]}} props */
export function SimulationSettings({ form }) {
  const t = texts("editor").simulation;
  /** @param {keyof typeof CHOICES} name */
  const choice = (name) => {
    const field = form.bind(`simulation.${name}`);
    const values = [...new Set([...CHOICES[name].map(String), ...(field.value ? [field.value] : [])])];
    const options = values.map((value) => ({ value, label: optionText(name, Number(value)) }));
    return html`<${Select} label=${t[name]()} ...${field} options=${[{ value: "", label: t.unset[name]() }, ...options]} />`;
  };
  return html`<details class="fold">
    <summary>${t.title()}</summary>
    <div class="stack-view">
      <p class="form-hint">${t.hint()}</p>
      ${choice("success")} ${choice("latency")} ${choice("duplicates")} ${choice("reorder")} ${choice("outage")}
    </div>
  </details>`;
}

/**
 * @param {keyof typeof CHOICES} name
 * @param {number} value
 */
function optionText(name, value) {
  if (name === "success" || name === "duplicates") return percentage(value / 100);
  return texts("editor").simulation.seconds(number(value));
}
