/** A rule from plain words, by Gemini: it becomes the text of the rule, or a question. Nothing is saved by it. */

import { assist } from "../api.js";
import { fieldNamed } from "../data/fields.js";
import { html, useState } from "../html.js";
import { texts } from "../texts.js";
import { Button, Notice, runAction } from "../ui/basic.js";
import { Field } from "../ui/fields.js";

const MIN_LENGTH = 3;

/** @param {{audience: import("./use_audience.js").AudienceState}} props */
export function WordsRule({ audience }) {
  const { words: t } = texts("audience");
  const [words, setWords] = useState("");
  const [answer, setAnswer] = useState(/** @type {Api.AssistedRule | null} */ (null));
  const isLongEnough = words.trim().length >= MIN_LENGTH;
  const ask = async () => {
    const found = await assist.rules(words.trim());
    setAnswer(found);
    if (found.rule) audience.setText(found.rule.text);
  };
  /** @param {KeyboardEvent} event Enter would save the form around. */
  const onKeyDown = (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    if (isLongEnough) runAction(ask);
  };
  return html`<details class="fold words-rule">
    <summary>${t.title()}</summary>
    <div class="words-row">
      <${Field} label=${t.label()} value=${words} onChange=${setWords} placeholder=${t.placeholder()} maxlength="500" onKeyDown=${onKeyDown} />
      <${Button} icon="edit" disabled=${!isLongEnough} onClick=${ask}>${t.ask()}<//>
    </div>
    <div role="status">${answer && html`<${Answer} answer=${answer} />`}</div>
  </details>`;
}

/** @param {{answer: Api.AssistedRule}} props */
function Answer({ answer: { rule, count, notes, questions } }) {
  const { words: t } = texts("audience");
  if (!rule)
    return html`<${Notice} tone="warn" title=${t.unclear()}><ul>${questions.map(({ code, about }) => html`<li key=${about}>${t.questions[code](about)}</li>`)}</ul><//>`;
  return html`<${Notice} title=${t.found(count ?? 0)}>
    <p class="sentence">${rule.description}</p>
    ${notes.map(({ code, field }) => html`<p key=${code + field} class="muted">${t.notes[code](fieldNamed(field)?.label ?? field)}</p>`)}
  <//>`;
}
