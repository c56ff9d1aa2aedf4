/** The sentences that texts are put together of: Gemini proposes them; the reader changes, approves and removes them. */

import { campaigns } from "../../api.js";
import { useResource } from "../../data/resource.js";
import { html, useRef, useState } from "../../html.js";
import { number } from "../../texts/format.js";
import { texts } from "../../texts.js";
import { announce, Button, Notice } from "../../ui/basic.js";
import { Checkbox, Field } from "../../ui/fields.js";
import { ForWhom, PLACES } from "../campaign/sentences.js";
import { fallbackText } from "../campaign/standing.js";
import { messageKey, newSentences, sentenceFor, settingsFrom } from "./draft.js";
import { useSettled } from "./facts.js";

const DELAY = 800;
const MAX_SENTENCES = 120;

/** @typedef {import("./draft.js").SentenceValues} SentenceValues */

/** @param {{draft: import("./use_draft.js").Draft, isSubjectShown: boolean}} props */
export function SentenceSettings({ draft, isSubjectShown }) {
  const t = texts("editor").sentences;
  const { form } = draft;
  /** @type {SentenceValues[]} */
  const list = form.values.sentences ?? [];
  const current = useRef(list);
  current.current = list;
  const [variant, setVariant] = useState(0);
  const problems = useProblems(draft);
  const propose = async () => {
    await draft.save();
    const { items } = await campaigns.proposeSentences(draft.currentId(), { message: form.values.message, variant });
    const found = newSentences(current.current, items).slice(0, MAX_SENTENCES - current.current.length);
    form.set("sentences", [...current.current, ...found]);
    setVariant(variant + 1);
    announce(t.proposed(found.length));
  };
  return html`<details class="fold" open=${list.length > 0 && list.length < 5}>
    <summary>${t.title(number(list.length))}</summary>
    <div class="stack-view style-settings">
      <p class="form-hint">${list.length ? t.hint() : t.none()}</p>
      <div class="button-row"><${Button} isSmall icon="edit" onClick=${propose} disabled=${list.length >= MAX_SENTENCES}>${list.length ? t.proposeMore() : t.propose()}<//></div>
      ${PLACES.filter((place) => place !== "subject" || isSubjectShown).map(
        (place) => html`<${OnePlace} key=${place} ...${{ draft, place, problems }} />`,
      )}
    </div>
  </details>`;
}

/**
 * What the checks say of the sentences, by text; as long as they are asked, what they said before.
 *
 * @param {import("./use_draft.js").Draft} draft
 * @returns {Map<string, string | null>}
 */
function useProblems({ id, form }) {
  const values = useSettled(form.values, DELAY);
  const { sentences, message, style } = settingsFrom(/** @type {import("./draft.js").DraftValues} */ (values));
  const body = { sentences: (sentences ?? []).map((one) => ({ ...one, approved: false })), message, style };
  const key = id && body.sentences.length ? `sentences ${id} ${JSON.stringify(body)}` : null;
  const checked = useResource(key, (signal) => campaigns.checkSentences(/** @type {string} */ (id), body, signal), {
    keep: true,
  });
  return new Map((checked.data?.items ?? []).map(({ place, text, problem }) => [`${place} ${text}`, problem]));
}

/**
 * @param {{
 *   draft: import("./use_draft.js").Draft, place: Api.Sentence["place"], problems: Map<string, string | null>,
 * }} props
 */
function OnePlace({ draft: { form }, place, problems }) {
  const t = texts("editor").sentences;
  const name = texts("campaign").sentences.places[place]();
  /** @type {SentenceValues[]} */
  const list = form.values.sentences ?? [];
  const key = messageKey(form.values.message);
  const add = () => form.set("sentences", [...list, sentenceFor(place, list)]);
  const numbered = list
    .map((sentence, index) => ({ sentence, index }))
    .filter(({ sentence }) => sentence.place === place);
  return html`<section class="sentence-place">
    <h3>${name}</h3>
    ${
      numbered.length > 0 &&
      html`<ul class="sentence-list">${numbered.map(
        ({ sentence, index }, order) => html`<${OneSentence}
          key=${index} sentence=${sentence} label=${`${name} ${number(order + 1)}`}
          problem=${problems.get(`${place} ${sentence.text.trim()}`) ?? null} beside=${key}
          onChange=${(/** @type {SentenceValues} */ changed) => form.set("sentences", list.with(index, changed))}
          onRemove=${() => form.set("sentences", list.toSpliced(index, 1))}
        />`,
      )}</ul>`
    }
    <div class="button-row"><${Button} isSmall kind="quiet" icon="plus" onClick=${add} disabled=${list.length >= MAX_SENTENCES}>${t.add()}<//></div>
  </section>`;
}

/**
 * @param {{
 *   sentence: SentenceValues, label: string, problem: string | null, beside: string,
 *   onChange: (sentence: SentenceValues) => unknown, onRemove: () => unknown,
 * }} props `beside` is the message that an approval is for.
 */
function OneSentence({ sentence, label, problem, beside, onChange, onRemove }) {
  const t = texts("editor").sentences;
  const isApproved = sentence.beside === beside;
  return html`<li class="sentence">
    <${Field} label=${label} isLabelHidden isMultiline rows="1" maxlength="300" value=${sentence.text}
      onChange=${(/** @type {string} */ text) => onChange({ ...sentence, text, beside: "" })}
    />
    <${Button} isSmall kind="quiet" icon="trash" label=${t.remove(label)} onClick=${onRemove} />
    <${ForWhom} ...${sentence} />
    ${problem && html`<${Notice} tone=${isApproved ? "info" : "warn"}>${t.refused(fallbackText(texts("campaign"), problem))}<//>`}
    ${
      (problem || isApproved) &&
      html`<${Checkbox} label=${t.approve()} value=${isApproved}
        onChange=${(/** @type {boolean} */ is) => onChange({ ...sentence, beside: is ? beside : "" })}
      />`
    }
  </li>`;
}
