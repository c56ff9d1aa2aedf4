/** A rule as text. */

import { field } from "../forms.js";

export function typedRule({ onchange }) {
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
  const control = element.querySelector("textarea");
  const rule = () => (control.value.trim() ? { text: control.value } : null);
  const take = ({ text }) => {
    control.value = text;
    return true;
  };
  return { element, rule, choice: rule, take, missing: "Write a rule to see who it reaches." };
}
