/** Sends the message to a few addresses of the team, as one person of the audience would get it. */

import { ApiError, campaigns } from "../../api.js";
import { useForm } from "../../data/form.js";
import { hasLanguages, textAsked, textOptions } from "../../data/message_texts.js";
import { html, useState } from "../../html.js";
import { list } from "../../texts/format.js";
import { texts } from "../../texts.js";
import { Button, Notice, toast } from "../../ui/basic.js";
import { Field, FormEnd, Select } from "../../ui/fields.js";
import { Dialog } from "../../ui/overlays.js";
import { fallbackText } from "../campaign/standing.js";

/** @param {{draft: import("./use_draft.js").Draft, me: Api.Me}} props */
export function TestButton({ draft, me }) {
  const [isOpen, setIsOpen] = useState(false);
  const open = async () => {
    if (await draft.save()) setIsOpen(true);
  };
  if (me.may_send === false) return null;
  return html`<${Button} icon="send" onClick=${open}>${texts("editor").test.open()}<//>
    ${isOpen && html`<${TestDialog} draft=${draft} me=${me} onClose=${() => setIsOpen(false)} />`}`;
}

/** @param {{draft: import("./use_draft.js").Draft, me: Api.Me, onClose: () => unknown}} props */
function TestDialog({ draft, me, onClose }) {
  const t = texts("editor").test;
  const { channel, message } = draft.form.values;
  const isEmail = channel === "email";
  const form = useForm({
    initial: { to: isEmail ? me.email : "", language: textAsked(message, draft.text.name) },
    save: async ({ to, language }) =>
      atField(() => campaigns.sendTest(draft.currentId(), addressesIn(String(to)), language)),
    onSaved: (/** @type {Api.SentTest} */ sent) => {
      toast(t.sent(list(sent.to)));
      if (sent.fallback) toast(texts("editor").preview.fellBack(fallbackText(texts("campaign"), sent.fallback)));
      onClose();
    },
  });
  return html`<${Dialog} title=${t.title()} onClose=${onClose}>
    <form class="stack-view" ...${form.props}>
      <${Field} label=${isEmail ? t.emails() : t.phones()} hint=${t.hint()} ...${form.bind("to")} />
      ${hasLanguages(message) && html`<${Select} label=${t.language()} options=${textOptions(message)} ...${form.bind("language")} />`}
      <${Notice}>${t.notCounted()}<//>
      <${FormEnd} form=${form} submit=${t.send()} onCancel=${onClose} />
    </form>
  <//>`;
}

/**
 * The addresses that somebody typed, with commas, semicolons or on lines of their own.
 *
 * @param {string} typed
 */
export const addressesIn = (typed) =>
  typed
    .split(/[,;\n]/)
    .map((address) => address.trim())
    .filter(Boolean);

/**
 * Does something. The errors of single addresses are shown at the field that has all of them, those of the message and
 * the vendor at the end of the form.
 *
 * @template Result
 * @param {() => Promise<Result>} action
 */
async function atField(action) {
  try {
    return await action();
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 422) throw error;
    const fields = error.fields.map((one) => ({ ...one, field: one.field.startsWith("to") ? "to" : "" }));
    throw new ApiError({ status: 422, detail: error.message, errors: fields });
  }
}
