/** Adding one customer. What is right and wrong is the server's to say. */

import { customers } from "../api.js";
import { el } from "../dom.js";
import { busy, button, clearProblem, field, formError, numberFrom, showProblem } from "../forms.js";

const STATUSES = {
  created: "was added.",
  updated: "was there already and is brought up to date.",
  unchanged: "was there already, with exactly these data.",
};

const FIELDS = [
  { label: "Name", name: "name", autocomplete: "off" },
  { label: "E-mail", name: "email", inputmode: "email", autocomplete: "off" },
  { label: "Phone", name: "phone", inputmode: "tel", autocomplete: "off" },
  { label: "City", name: "city", autocomplete: "off" },
  { label: "Spend", name: "spend", inputmode: "decimal" },
  { label: "Visits", name: "visits", inputmode: "numeric" },
  { label: "External ID", name: "external_id", autocomplete: "off", hint: "The customer's number in your own system." },
  { label: "Last active", name: "last_active_at", type: "date" },
];

const NUMBERS = ["spend", "visits"];

export function customerForm({ onadded }) {
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
    busy([submit], () => save(form, note, onadded)).catch((error) => showProblem(form, error));
  });
  return form;
}

async function save(form, note, onadded) {
  clearProblem(form);
  const customer = customerFrom(new FormData(form));
  const { results } = await customers.add(customer);
  form.reset();
  form.querySelector("input").focus();
  note.textContent = `${customer.name} ${STATUSES[results[0].status] ?? "was taken in."}`;
  onadded();
}

/** Empty fields are left out. */
function customerFrom(data) {
  const given = [...data].map(([name, text]) => [name, text.trim()]).filter(([, text]) => text);
  return Object.fromEntries(given.map(([name, text]) => [name, valueOf(name, text)]));
}

function valueOf(name, text) {
  if (NUMBERS.includes(name)) return numberFrom(text);
  if (name === "last_active_at") return new Date(`${text}T00:00`).toISOString();
  return text;
}
