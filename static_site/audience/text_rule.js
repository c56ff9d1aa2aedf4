/** A rule as text. */

import { find } from "../dom/dom.js";
import { field } from "../dom/forms.js";

/**
 * @param {{onchange: () => void}} options
 * @returns {Ui.RuleEditor}
 */
export function textRule({ onchange }) {
  const element = field({
    label: "Rule",
    name: "text",
    tag: "textarea",
    rows: 3,
    spellcheck: "false",
    autocapitalize: "none",
    hint: "For example: spend > 10000 AND visits < 3 OR inactive for 90 days. Write everyone for all customers.",
    oninput: onchange,
  });
  const control = find(element, "textarea");
  const rule = () => (control.value.trim() ? { text: control.value } : null);
  /** @param {{text: string}} rule */
  const accept = ({ text }) => {
    control.value = text;
    return true;
  };
  return { element, rule, choice: rule, accept, missing: "Write a rule to see how many customers match." };
}
