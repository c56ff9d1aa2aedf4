/** The message: subject and body with fields, and texts for people who lack a field. */

import { allFields } from "../../data/fields.js";
import { useFields } from "../../data/use_fields.js";
import { html, useRef, useState } from "../../html.js";
import { number } from "../../texts/format.js";
import { texts } from "../../texts.js";
import { Button, Icon } from "../../ui/basic.js";
import { Choice, Field } from "../../ui/fields.js";
import { hasDefault, smsLength, withDefault } from "./draft.js";
import { MessageFacts } from "./facts.js";
import { hasSubject, useMessagePreview, useVendors } from "./lookups.js";
import { MessageLanguages } from "./message_languages.js";
import { SentenceSettings } from "./sentences.js";
import { Step } from "./step.js";
import { StyleSettings } from "./style_settings.js";

const WHATSAPP_LIMIT = 1024; // characters of a marketing message, which is never divided

/** @param {{draft: import("./use_draft.js").Draft}} props */
export function MessageStep({ draft }) {
  const t = texts("editor").message;
  const { form } = draft;
  const target = useRef(/** @type {HTMLInputElement | HTMLTextAreaElement | null} */ (null));
  const element = useRef(/** @type {HTMLElement | null} */ (null));
  const isSubjectShown = hasSubject(useVendors().data, form.values.channel);
  const { path } = draft.text;
  const preview = form.bind(`${path}.preview`);
  const options = [
    { value: "gemini", label: t.gemini(), hint: t.geminiHint() },
    { value: "template", label: t.template(), hint: t.templateHint() },
  ];
  /** @param {any} event */
  const remember = ({ target: control }) => {
    if (control.name?.startsWith("message.")) target.current = control;
  };
  /** @param {string} field */
  const insert = (field) => {
    const control = target.current ?? element.current?.querySelector("textarea");
    if (!control) return;
    control.setRangeText(`{{ ${field} }}`, control.selectionStart ?? 0, control.selectionEnd ?? 0, "end");
    form.set(control.name, control.value);
    control.focus();
  };
  const selected = () => {
    const control = target.current ?? element.current?.querySelector("textarea");
    return control ? control.value.slice(control.selectionStart ?? 0, control.selectionEnd ?? 0) : "";
  };
  return html`<${Step} name="message" number=${2}>
    <div class="stack-view" ref=${element} onFocusIn=${remember}>
      <${MessageLanguages} draft=${draft} />
      ${isSubjectShown && html`<${Field} label=${t.subject()} maxlength="200" ...${form.bind(`${path}.subject`)} />`}
      <${Field} label=${t.body()} isMultiline rows="8" maxlength="20000" ...${form.bind(`${path}.body`)} />
      ${
        form.values.channel === "email" &&
        html`<${Field} label=${t.preview()} hint=${t.previewHint()} maxlength="200" ...${preview} value=${preview.value ?? ""} />`
      }
      <${FieldChips} onInsert=${insert} />
      ${form.values.channel !== "email" && html`<${TextLength} draft=${draft} />`}
      ${form.values.personalization === "gemini" && html`<${MessageFacts} ...${{ draft, isSubjectShown, selected }} />`}
      <${MissingFields} draft=${draft} />
      <${Choice} label=${t.writtenBy()} options=${options} ...${form.bind("personalization")} />
      ${form.values.personalization === "gemini" && html`<${GeminiSettings} ...${{ draft, isSubjectShown }} />`}
    </div>
  <//>`;
}

/** @param {{draft: import("./use_draft.js").Draft, isSubjectShown: boolean}} props */
function GeminiSettings({ draft, isSubjectShown }) {
  const t = texts("editor").writing;
  const options = [
    { value: "sentences", label: t.sentences(), hint: t.sentencesHint() },
    { value: "free", label: t.free(), hint: t.freeHint() },
  ];
  const { form } = draft;
  return html`
    <${Choice} label=${t.label()} options=${options} ...${form.bind("style.writing")} />
    ${form.values.style.writing !== "free" && html`<${SentenceSettings} ...${{ draft, isSubjectShown }} />`}
    <${StyleSettings} draft=${draft} />`;
}

/** @param {{onInsert: (field: string) => void}} props */
function FieldChips({ onInsert }) {
  const t = texts("editor").message;
  const fields = (useFields().data ?? []).filter((field) => field.in_messages);
  return html`<div class="chips" role="group" aria-label=${t.insert()}>
    <span class="form-hint">${t.insert()}</span>
    ${fields.map(({ name, label, kind }) => {
      const inserted = kind === "map" ? `${name}.plan` : name;
      return html`<button key=${name} type="button" class="chip" aria-label=${t.insertField(label)} onClick=${() => onInsert(inserted)}>${label}</button>`;
    })}
  </div>`;
}

/** @param {{draft: import("./use_draft.js").Draft}} props */
function TextLength({ draft }) {
  const t = texts("editor").message;
  const people = useMessagePreview(draft).data?.people ?? [];
  const bodies = people.length ? people.map(({ template }) => template.body) : [draft.text.text.body];
  if (draft.form.values.channel === "whatsapp") {
    const most = Math.max(...bodies.map((body) => [...body].length));
    return html`<p class="form-hint" role="status">${t.whatsApp(most, WHATSAPP_LIMIT)}</p>`;
  }
  const [longest] = bodies
    .map(smsLength)
    .toSorted((left, right) => right.parts - left.parts || right.characters - left.characters);
  return html`<p class="form-hint" role="status">${t.sms(longest.characters, longest.parts)}${longest.isUnicode && ` ${t.smsUnicode()}`}</p>`;
}

/** @param {{draft: import("./use_draft.js").Draft}} props */
function MissingFields({ draft }) {
  const missing = useMessagePreview(draft).data?.missing ?? [];
  const open = missing.filter(({ field }) => !hasDefault(draft.text.text, field));
  return html`${open.map((item) => html`<${MissingField} key=${`${draft.text.path} ${item.field}`} draft=${draft} ...${item} />`)}`;
}

/** @param {{draft: import("./use_draft.js").Draft, field: string, count: number}} props */
function MissingField({ draft, field, count }) {
  const t = texts("editor").message;
  const [text, setText] = useState("");
  const label = allFields().find(({ name }) => name === field)?.label ?? field;
  const apply = () => draft.changeText((before) => withDefault(before, field, text.trim()));
  return html`<div class="missing-field">
    <p><${Icon} name="alert" size=${16} /> <span>${t.lack(number(count), count, label)}</span></p>
    <div class="missing-default">
      <${Field} label=${t.defaultFor(label)} value=${text} onChange=${setText} placeholder=${t.defaultExample()} />
      <${Button} onClick=${apply} disabled=${!text.trim()}>${t.setDefault()}<//>
    </div>
  </div>`;
}
