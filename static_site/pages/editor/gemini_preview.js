/** Gemini's text beside the reader's own, for the person of the preview. Asked for by a button, because it costs calls. */

import { campaigns } from "../../api.js";
import { textAsked } from "../../data/message_texts.js";
import { html, useState } from "../../html.js";
import { texts } from "../../texts.js";
import { Badge, Button, Notice } from "../../ui/basic.js";
import { fallbackText } from "../campaign/standing.js";

/**
 * What Gemini wrote for the people of a preview, as long as neither the message nor the people have changed.
 *
 * @param {import("./use_draft.js").Draft} draft
 * @param {string} seed
 */
export function useGeminiPreview(draft, seed) {
  const key = JSON.stringify([draft.id, draft.saved, seed, draft.text.name]);
  const [written, setWritten] = useState({ key: "", variant: 0, people: /** @type {Api.PersonPreview[]} */ ([]) });
  const isCurrent = written.key === key;
  const write = async () => {
    const variant = isCurrent ? written.variant + 1 : 0;
    await draft.save(); // so that Gemini is told the style that the reader sees
    const { message } = draft.saved;
    const language = textAsked(message, draft.text.name);
    const options = { seed, message, people: 2, written_by: "gemini", variant, language };
    const { people } = await campaigns.previewMessage(draft.currentId(), options);
    setWritten({ key, variant, people });
  };
  return { write, people: isCurrent ? written.people : [] };
}

/**
 * @param {{
 *   preview: ReturnType<typeof useGeminiPreview>, customer: string, isSubjectShown: boolean,
 * }} props
 */
export function GeminiText({ preview: { write, people }, customer, isSubjectShown }) {
  const t = texts("editor").preview;
  const person = people.find((one) => one.customer_id === customer);
  return html`<div class="stack-view">
    ${person?.gemini && html`<${Written} text=${person.gemini} isSubjectShown=${isSubjectShown} />`}
    ${person?.fallback && html`<${Notice} tone="warn">${t.fellBack(fallbackText(texts("campaign"), person.fallback))}<//>`}
    <div class="button-row"><${Button} isSmall icon="edit" onClick=${write}>${person ? t.writeAgain() : t.write()}<//></div>
    ${!person && html`<p class="form-hint">${t.gemini()}</p>`}
  </div>`;
}

/** @param {{text: {subject: string, body: string}, isSubjectShown: boolean}} props */
const Written = ({ text, isSubjectShown }) => html`<article class="message-bubble" data-by="gemini">
  <p><${Badge} tone="accent">${texts("editor").preview.byGemini()}<//></p>
  ${isSubjectShown && html`<p class="message-subject user-text">${text.subject || texts("editor").preview.noSubject()}</p>`}
  <p class="user-text">${text.body}</p>
</article>`;
