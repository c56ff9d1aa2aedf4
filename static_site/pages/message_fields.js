/** Subject and body of a campaign's message, with fields to insert. */

import { el } from "../dom.js";
import { button, field } from "../forms.js";

const FIELDS = {
  name: "Name",
  first_name: "First name",
  city: "City",
  spend: "Spend",
  visits: "Visits",
  orders: "Orders",
};

const HINT = "A field stands for what is known about the person: {{ first_name }} becomes their first name.";

export function messageFields() {
  const subject = field({ label: "Subject", name: "message.subject", autocomplete: "off" });
  const body = field({ label: "Body", name: "message.body", tag: "textarea", rows: 7, hint: HINT });
  let target = body.querySelector("textarea"); // where a field goes: where the cursor was last
  const remember = (event) => event.target.name && (target = event.target);
  const insert = (name) => {
    target.setRangeText(`{{ ${name} }}`, target.selectionStart, target.selectionEnd, "end");
    target.focus();
  };
  const inserts = Object.entries(FIELDS).map(([name, label]) =>
    button(label, { kind: "chip", "aria-label": `Insert ${label.toLowerCase()}`, onclick: () => insert(name) }),
  );
  const bar = el("div", { class: "chips", role: "group", "aria-label": "Insert a field" }, "Insert", ...inserts);
  return el("div", { class: "stack tight", onfocusin: remember }, subject, bar, body);
}
