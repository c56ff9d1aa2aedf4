/** Subject and body of a campaign's message, with buttons that insert fields. */

import { fieldsInMessages } from "../../data/fields.js";
import { el, find } from "../../dom/dom.js";
import { button, field } from "../../dom/forms.js";

const HINT = "Herald replaces a field by the person's data. For example, {{ first_name }} becomes their first name.";

export function messageFields() {
  const subject = field({ label: "Subject", name: "message.subject", autocomplete: "off" });
  const body = field({ label: "Body", name: "message.body", tag: "textarea", rows: 7, hint: HINT });
  /** @type {HTMLInputElement | HTMLTextAreaElement} */
  let target = find(body, "textarea"); // where a field is inserted: the control that had the focus last
  /** @param {Ui.ControlEvent} event */
  const rememberTarget = ({ target: control }) => {
    if (control instanceof HTMLInputElement || control instanceof HTMLTextAreaElement) target = control;
  };
  /** @param {string} name */
  const insert = (name) => {
    target.setRangeText(`{{ ${name} }}`, target.selectionStart ?? 0, target.selectionEnd ?? 0, "end");
    target.focus();
  };
  const inserts = fieldsInMessages().map(({ name, label }) =>
    button(label, { kind: "chip", "aria-label": `Insert ${label.toLowerCase()}`, onclick: () => insert(name) }),
  );
  const bar = el("div", { class: "chips", role: "group", "aria-label": "Insert a field" }, "Insert", ...inserts);
  return el("div", { class: "stack tight", onfocusin: rememberTarget }, subject, bar, body);
}
