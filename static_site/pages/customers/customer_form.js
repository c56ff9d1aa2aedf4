/** The form that adds one customer. The server checks the values. */

import { customers } from "../../api.js";
import { el, find } from "../../ui/dom.js";
import { busy, button, clearProblem, field, formError, numberFrom, showProblem } from "../../ui/forms.js";

/** @type {Record<string, string>} */
const RESULTS = {
  created: "was added.",
  updated: "already existed and was updated.",
  unchanged: "already existed with the same data.",
};

const FIELDS = [
  { label: "Name", name: "name", autocomplete: "off" },
  { label: "E-mail", name: "email", inputmode: "email", autocomplete: "off" },
  { label: "Phone", name: "phone", inputmode: "tel", autocomplete: "off" },
  { label: "City", name: "city", autocomplete: "off" },
  { label: "Spend", name: "spend", inputmode: "decimal" },
  { label: "Visits", name: "visits", inputmode: "numeric" },
  { label: "External ID", name: "external_id", autocomplete: "off", hint: "The customer's ID in your own system." },
  { label: "Last active", name: "last_active_at", type: "date" },
];

const NUMBERS = ["spend", "visits"];

/** @param {{onAdded: () => void}} options */
export function customerForm({ onAdded }) {
  const submit = button("Save customer", { kind: "primary", type: "submit" });
  const note = el("p", { class: "form-note", role: "status" });
  const form = el(
    "form",
    { novalidate: true },
    el("div", { class: "fields" }, ...FIELDS.map(field)),
    formError(),
    el("div", { class: "actions start" }, submit, note),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    note.textContent = "";
    busy([submit], () => save(form, note, onAdded)).catch((error) => showProblem(form, error));
  });
  return form;
}

/**
 * @param {HTMLFormElement} form
 * @param {HTMLElement} note
 * @param {() => void} onAdded
 */
async function save(form, note, onAdded) {
  clearProblem(form);
  const customer = customerFrom(new FormData(form));
  const { results } = await customers.add(customer);
  form.reset();
  find(form, "input").focus();
  note.textContent = `${customer.name} ${RESULTS[results[0].status] ?? "was saved."}`;
  onAdded();
}

/**
 * The customer in a form. Empty fields are left out.
 *
 * @param {FormData} data
 */
function customerFrom(data) {
  const filled = [...data].map(([name, text]) => [name, String(text).trim()]).filter(([, text]) => text);
  return Object.fromEntries(filled.map(([name, text]) => [name, readValue(name, text)]));
}

/**
 * @param {string} name
 * @param {string} text
 */
function readValue(name, text) {
  if (NUMBERS.includes(name)) return numberFrom(text);
  if (name === "last_active_at") return new Date(`${text}T00:00`).toISOString();
  return text;
}
