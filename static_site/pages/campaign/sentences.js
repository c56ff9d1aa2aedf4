/** The checked sentences that the texts of a launched campaign are put together of. They are loaded when somebody looks. */

import { campaigns } from "../../api.js";
import { useResource } from "../../data/resource.js";
import { html, useState } from "../../html.js";
import { languageName } from "../../texts/format.js";
import { texts } from "../../texts.js";
import { Badge, Card, Loaded } from "../../ui/basic.js";
import { fallbackText } from "./standing.js";

/** @type {Api.Sentence["place"][]} */
export const PLACES = ["subject", "opening", "argument", "closing"];

/** @param {{campaign: Api.Campaign}} props */
export function SentencesCard({ campaign: { id, personalization, style } }) {
  const t = texts("campaign").sentences;
  const [isOpen, setIsOpen] = useState(false);
  const found = useResource(isOpen ? `/api/sentences/${id}` : null, (signal) => campaigns.sentences(id, signal));
  if (personalization !== "gemini" || style?.writing !== "sentences") return null;
  return html`<${Card} title=${t.title()}>
    <p class="muted">${t.lead()}</p>
    <details class="fold" onToggle=${(/** @type {any} */ event) => setIsOpen(event.currentTarget.open)}>
      <summary>${t.show()}</summary>
      ${
        isOpen &&
        html`<${Loaded} resource=${found} rows=${4}>${(/** @type {{items: Api.JudgedSentence[]}} */ { items }) => html`<${Places} items=${items} />`}<//>`
      }
    </details>
  <//>`;
}

/** @param {{items: Api.JudgedSentence[]}} props */
function Places({ items }) {
  const t = texts("campaign").sentences;
  if (!items.length) return html`<p class="muted">${t.none()}</p>`;
  return html`<div class="stack-view">${PLACES.filter((place) => items.some((one) => one.place === place)).map(
    (place) => html`<section key=${place} class="sheet-part">
      <h3>${t.places[place]()}</h3>
      <ul class="sentence-lines">${items
        .filter((one) => one.place === place)
        .map((sentence) => html`<${Line} key=${sentence.language + sentence.text} sentence=${sentence} />`)}</ul>
    </section>`,
  )}</div>`;
}

/** @param {{sentence: Api.JudgedSentence}} props */
function Line({ sentence }) {
  const t = texts("campaign").sentences;
  const { text, language, problem, approved, approved_by: by } = sentence;
  return html`<li>
    <p class="user-text" lang=${language}><bdi>${text}</bdi></p>
    <${ForWhom} ...${sentence} />
    ${approved && by && html`<p class="form-hint">${t.approved(by)}</p>`}
    ${problem && !approved && html`<p class="form-hint">${t.unused(fallbackText(texts("campaign"), problem))}</p>`}
  </li>`;
}

/**
 * For people of which language a sentence is, if not English, and what is true of them.
 *
 * @param {Pick<Api.Sentence, "language" | "traits">} props
 */
export function ForWhom({ language, traits }) {
  const t = texts("campaign").sentences;
  const names = traits.map((trait) => t.traits[trait]?.() ?? trait);
  if (language !== "en") names.unshift(languageName(language));
  return names.length > 0 && html`<p class="chips">${names.map((name) => html`<${Badge} key=${name}>${name}<//>`)}</p>`;
}
