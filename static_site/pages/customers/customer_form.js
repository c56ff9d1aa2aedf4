/** The dialog that adds one customer. The server checks the values. */

import { customers } from "../../api.js";
import { useForm } from "../../data/form.js";
import { mutate } from "../../data/resource.js";
import { html } from "../../html.js";
import { texts } from "../../texts.js";
import { toast } from "../../ui/basic.js";
import { Field, FormEnd } from "../../ui/fields.js";
import { Dialog } from "../../ui/overlays.js";

const EMPTY = {
  first_name: "",
  last_name: "",
  name: "",
  email: "",
  phone: "",
  city: "",
  spend: "",
  visits: "",
  external_id: "",
  last_active_at: "",
};

/** @param {{onClose: () => unknown}} props */
export function CustomerForm({ onClose }) {
  const { columns, form: t } = texts("customers");
  const form = useForm({
    initial: EMPTY,
    copy: "new customer",
    check: identityProblem,
    save: (values) => mutate(() => customers.add(customerFrom(values)), "/api/customers"),
    onSaved: ({ results: [{ status }] }, { first_name: first, name, email }) => {
      const say = t[/** @type {"created" | "updated" | "unchanged"} */ (status)] ?? t.created;
      toast(say(name || first || email || t.someone()));
      onClose();
    },
  });
  return html`<${Dialog} title=${t.title()} onClose=${onClose}>
    <form class="stack-view" ...${form.props}>
      <div class="form-grid">
        <${Field} label=${t.firstName()} ...${form.bind("first_name")} />
        <${Field} label=${t.lastName()} ...${form.bind("last_name")} />
        <${Field} label=${columns.name()} hint=${t.nameHint()} ...${form.bind("name")} />
        <${Field} label=${columns.email()} inputmode="email" ...${form.bind("email")} />
        <${Field} label=${columns.phone()} inputmode="tel" ...${form.bind("phone")} />
        <${Field} label=${columns.city()} ...${form.bind("city")} />
        <${Field} label=${columns.spend()} inputmode="decimal" ...${form.bind("spend")} />
        <${Field} label=${columns.visits()} inputmode="numeric" ...${form.bind("visits")} />
        <${Field} label=${t.externalId()} hint=${t.externalIdHint()} ...${form.bind("external_id")} />
        <${Field} label=${columns.lastActive()} type="date" ...${form.bind("last_active_at")} />
      </div>
      <${FormEnd} form=${form} submit=${t.submit()} onCancel=${onClose} />
    </form>
  <//>`;
}

/**
 * Who it is must be known; the text says by what.
 *
 * @param {Record<string, string>} values
 * @returns {Record<string, string>}
 */
function identityProblem({ email, phone, external_id: externalId }) {
  if ([email, phone, externalId].some((text) => text.trim())) return {};
  return { email: texts().errors.fields.identity({ field: "email", message: "" }) };
}

/** @type {Record<string, (text: string) => unknown>} */
const READERS = {
  spend: readNumber,
  visits: readNumber,
  last_active_at: (text) => new Date(`${text}T00:00`).toISOString(),
};

/**
 * The customer in a form. Empty fields are left out.
 *
 * @param {Record<string, string>} values
 */
export function customerFrom(values) {
  const filled = Object.entries(values).filter(([, text]) => text.trim());
  return Object.fromEntries(filled.map(([name, text]) => [name, READERS[name]?.(text.trim()) ?? text.trim()]));
}

/**
 * The number in a text, as people write amounts: `₹1,250.50`. A text that is no number is sent unchanged, and the
 * server rejects it.
 *
 * @param {string} text
 */
function readNumber(text) {
  const plain = text.replace(/^[^\d.-]+/, "").replaceAll(/[,\s]/g, "");
  return plain && Number.isFinite(Number(plain)) ? Number(plain) : text;
}
