/** The facts of the message: what Gemini leaves as it is. The reader can mark more, and take a mark away. */

import { campaigns } from "../../api.js";
import { allFields } from "../../data/fields.js";
import { useResource } from "../../data/resource.js";
import { html, useEffect, useState } from "../../html.js";
import { texts } from "../../texts.js";
import { announce, Button, Icon, toast } from "../../ui/basic.js";
import { markProblem, withMark, withoutMark } from "./draft.js";

const DELAY = 300;

/**
 * A value that follows another one as soon as that has stopped changing.
 *
 * @template Value
 * @param {Value} value
 * @param {number} [delay]
 */
export function useSettled(value, delay = DELAY) {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), delay);
    return () => clearTimeout(timer);
  }, [JSON.stringify(value)]);
  return settled;
}

/**
 * @param {{
 *   draft: import("./use_draft.js").Draft, isSubjectShown: boolean,
 *   selected: () => string,
 * }} props `selected` is the text that is selected in the message.
 */
export function MessageFacts({ draft: { text, changeText, form }, isSubjectShown, selected }) {
  const t = texts("editor").facts;
  const message = useSettled(text.text);
  const isWritten = message.body.trim() || message.subject.trim();
  const key = isWritten ? `facts ${JSON.stringify(message)}` : null;
  const facts = useResource(key, (signal) => campaigns.facts(message, signal), { keep: true });
  const mark = () => {
    const phrase = selected();
    const problem = markProblem(text.text, phrase);
    if (problem) return toast(t.problems[problem]());
    changeText((before) => withMark(before, phrase));
    announce(t.markedNow(phrase.trim()));
  };
  /** @param {string} phrase */
  const unmark = (phrase) => {
    changeText((before) => withoutMark(before, phrase));
    announce(t.unmarkedNow(phrase));
  };
  return html`<section class="message-facts" aria-label=${t.title()}>
    <div class="message-facts-head">
      <p class="form-hint">${form.values.style.writing === "sentences" ? t.sentencesHint() : t.hint()}</p>
      <${Button} isSmall icon="plus" onClick=${mark}>${t.mark()}<//>
    </div>
    ${!facts.error && facts.data && html`<${Cut} facts=${facts.data} isSubjectShown=${isSubjectShown} />`}
    <${Marked} marked=${text.text.marked ?? []} known=${facts.data?.marked ?? []} onRemove=${unmark} />
  </section>`;
}

/** @param {{facts: Api.MessageFacts, isSubjectShown: boolean}} props */
function Cut({ facts: { subject, body, facts }, isSubjectShown }) {
  const t = texts("editor").facts;
  if (!facts.length) return html`<p class="muted">${t.none()}</p>`;
  return html`<div class="facts-text">
    ${isSubjectShown && subject.length > 0 && html`<p class="message-subject user-text"><${Parts} parts=${subject} /></p>`}
    <p class="user-text"><${Parts} parts=${body} /></p>
  </div>`;
}

/** @param {{parts: Api.MessagePart[]}} props */
function Parts({ parts }) {
  const t = texts("editor").facts;
  /** @param {string} name */
  const label = (name) => allFields().find((field) => field.name === name)?.label ?? name;
  return parts.map(({ text, kind }, index) => {
    if (kind === null) return text;
    if (kind === "value") return html`<span key=${index} class="fact-value">${label(text)}</span>`;
    return html`<mark key=${index} title=${t.kinds[kind]()}>${text}</mark>`;
  });
}

/** @param {{marked: string[], known: {phrase: string, is_found: boolean}[], onRemove: (phrase: string) => void}} props */
function Marked({ marked, known, onRemove }) {
  const t = texts("editor").facts;
  if (!marked.length) return null;
  /** @param {string} phrase */
  const isLost = (phrase) => known.some((one) => one.phrase === phrase && !one.is_found);
  return html`<ul class="chips marked-facts" aria-label=${t.marked()}>
    ${marked.map(
      (phrase) => html`<li key=${phrase}>
        <button type="button" class="chip" aria-label=${t.unmark(phrase)} title=${t.unmark(phrase)} onClick=${() => onRemove(phrase)}>
          <bdi>${phrase}</bdi>${isLost(phrase) && html` <span class="muted">${t.lost()}</span>`} <${Icon} name="x" size=${14} />
        </button>
      </li>`,
    )}
  </ul>`;
}
