/** Erases a person after their name was typed. */

import { customers } from "../../api.js";
import { useForm } from "../../data/form.js";
import { invalidate } from "../../data/resource.js";
import { html } from "../../html.js";
import { navigate } from "../../router.js";
import { texts } from "../../texts.js";
import { toast } from "../../ui/basic.js";
import { Field, FormEnd } from "../../ui/fields.js";
import { Dialog } from "../../ui/overlays.js";

/** @param {{id: string, name: string, onClose: () => unknown}} props */
export function EraseDialog({ id, name, onClose }) {
  const { eraseForm: t } = texts("people");
  const form = useForm({
    initial: { confirmation: "" },
    check: ({ confirmation }) =>
      /** @type {Record<string, string>} */ (confirmation.trim() === name.trim() ? {} : { confirmation: t.wrong() }),
    save: () => customers.erase(id),
    onSaved: () => {
      toast(t.done(name));
      onClose();
      navigate("/customers");
      invalidate("/api/customers?");
    },
  });
  return html`<${Dialog} title=${t.title(name)} onClose=${onClose}>
    <form class="stack-view" ...${form.props}>
      <p>${t.text()}</p>
      <p>${t.stays()}</p>
      <${Field} label=${t.confirm(name)} ...${form.bind("confirmation")} />
      <${FormEnd} form=${form} submit=${t.submit()} isDanger onCancel=${onClose} />
    </form>
  <//>`;
}
