/** The message as real people would get it, beside the form. */

import { ApiError } from "../../api.js";
import { html, useState } from "../../html.js";
import { fieldErrorText, texts } from "../../texts.js";
import { Badge, Button, Notice, Skeleton } from "../../ui/basic.js";
import { TextOrMail } from "../campaign/mail_page.js";
import { settingsFrom } from "./draft.js";
import { GeminiText, useGeminiPreview } from "./gemini_preview.js";
import { hasSubject, useMessagePreview, useVendors } from "./lookups.js";

/** @param {{draft: import("./use_draft.js").Draft}} props */
export function SidePreview({ draft }) {
  const t = texts("editor").preview;
  const [seed, setSeed] = useState(0);
  const [index, setIndex] = useState(0);
  const preview = useMessagePreview(draft, seed ? String(seed) : "");
  const gemini = useGeminiPreview(draft, seed ? String(seed) : "");
  const people = preview.data?.people ?? [];
  const person = people[Math.min(index, people.length - 1)];
  const shuffle = () => {
    setSeed(seed + 1);
    setIndex(0);
  };
  return html`<div class="card side-card">
    <header class="card-head">
      <h2>${t.title()}</h2>
      ${people.length > 0 && html`<${Button} isSmall kind="quiet" onClick=${shuffle}>${t.others()}<//>`}
    </header>
    <${SideBody} ...${{ draft, preview, person, gemini }} />
    ${
      people.length > 1 &&
      html`<div class="side-people" role="group" aria-label=${t.people()}>
      ${people.map(
        (one, position) => html`<button
          key=${one.customer_id} type="button" class="chip" aria-pressed=${one === person} onClick=${() => setIndex(position)}
        ><bdi class="chip-name">${one.name || texts().person.noName()}</bdi></button>`,
      )}
    </div>`
    }
  </div>`;
}

/**
 * @param {{
 *   draft: import("./use_draft.js").Draft, person?: Api.PersonPreview,
 *   preview: import("../../data/resource.js").Resource<Api.MessagePreview>,
 *   gemini: ReturnType<typeof useGeminiPreview>,
 * }} props
 */
function SideBody({ draft, preview: { data, error, isLoading }, person, gemini }) {
  const t = texts("editor").preview;
  const isSubjectShown = hasSubject(useVendors().data, draft.form.values.channel);
  const settings = settingsFrom(draft.saved);
  if (isLoading) return html`<${Skeleton} rows=${3} />`;
  if (error) return html`<${Notice} tone="warn">${templateError(error)}<//>`;
  if (!data) return html`<p class="muted">${t.empty()}</p>`;
  if (!person) return html`<p class="muted">${t.nobody()}</p>`;
  return html`<div class="stack-view">
    ${!data.is_audience && html`<p class="form-hint">${t.anyone()}</p>`}
    <p class="preview-to"><span class="muted">${t.to()}</span> <bdi>${person.name || texts().person.noName()}</bdi> ${person.choice !== "random" && html`<${Badge}>${t.choices[person.choice]()}<//>`}</p>
    <${TextOrMail} text=${{ ...person.template, preview: person.preview, language: person.language }} settings=${settings}>
      <article class="message-bubble">
        ${isSubjectShown && html`<${Heading} person=${person} />`}
        <p class="user-text">${person.template.body}</p>
      </article>
    <//>
    ${draft.form.values.personalization === "gemini" && html`<${GeminiText} ...${{ preview: gemini, customer: person.customer_id, isSubjectShown }} />`}
  </div>`;
}

/**
 * What mail programs show before a mail is opened.
 *
 * @param {{person: Api.MessagePreview["people"][number]}} props
 */
const Heading = ({ person: { template, preview } }) => html`
  <p class="message-subject user-text">${template.subject || texts("editor").preview.noSubject()}</p>
  ${preview && html`<p class="muted user-text">${preview}</p>`}`;

/** @param {unknown} error */
function templateError(error) {
  const { errors } = texts("editor");
  const [first] = error instanceof ApiError ? error.fields : [];
  return first
    ? (errors[/** @type {"template"} */ (first.code)]?.() ?? fieldErrorText(first))
    : texts("editor").preview.failed();
}
