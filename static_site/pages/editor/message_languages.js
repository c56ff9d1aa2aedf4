/** The languages of the message, as tabs: who gets which text, one more text, or one less. */

import { DEFAULT_TEXT, hasLanguages, textName, withText } from "../../data/message_texts.js";
import { html, useEffect, useState } from "../../html.js";
import { languageName, list, number } from "../../texts/format.js";
import { texts } from "../../texts.js";
import { Button } from "../../ui/basic.js";
import { Select } from "../../ui/fields.js";
import { ask } from "../../ui/overlays.js";
import { Tabs } from "../../ui/table.js";
import { useLanguages } from "./lookups.js";

/** @typedef {import("./use_draft.js").Draft} Draft */

const PARTS = ["subject", "body", "preview"];

/** @param {{draft: Draft}} props */
export function MessageLanguages({ draft }) {
  const t = texts("editor").message.languages;
  const { message } = draft.form.values;
  const { data } = useLanguages(draft);
  const names = [DEFAULT_TEXT, ...Object.keys(message.languages ?? {})];
  useFirstWrong(draft, names);
  if (!hasLanguages(message)) return html`<${AddLanguage} draft=${draft} data=${data} hint=${t.hint()} />`;
  const readers = data && readersOf(data, Object.keys(message.languages));
  const items = names.map((value) => ({
    value,
    label: textName(value),
    count: readers && number(readers[value]),
  }));
  return html`<div class="stack-view message-languages">
    <${Tabs} label=${t.label()} value=${draft.text.name} onChange=${draft.showText} items=${items} />
    ${readers && html`<p class="form-hint">${t.who(readers[draft.text.name])}</p>`}
    <div class="button-row">
      ${isEmpty(draft) && html`<${Button} isSmall icon="copy" onClick=${() => copyDefault(draft)}>${t.start()}<//>`}
      ${draft.text.name !== DEFAULT_TEXT && html`<${Button} isSmall kind="quiet" icon="trash" onClick=${() => remove(draft)}>${t.remove(languageName(draft.text.name))}<//>`}
    </div>
    <${AddLanguage} draft=${draft} data=${data} />
  </div>`;
}

/**
 * By text, how many people of the audience would get it.
 *
 * @param {Api.MessageLanguages} data
 * @param {string[]} languages Those that have a text.
 */
export function readersOf({ reachable, people }, languages) {
  const own = languages.map((name) => [name, people.find(({ language }) => language === name)?.count ?? 0]);
  const others = own.reduce((rest, [, count]) => rest - Number(count), reachable);
  return Object.fromEntries([[DEFAULT_TEXT, others], ...own]);
}

/**
 * The languages that a text can be added for: those of most people first, then by name.
 *
 * @param {Api.MessageLanguages} data
 * @param {string[]} languages Those that have a text.
 * @returns {{name: string, count: number}[]}
 */
export function languagesToAdd({ available, people }, languages) {
  const known = Object.fromEntries(people.map(({ language, count }) => [language, count]));
  return available
    .filter((name) => !languages.includes(name))
    .map((name) => ({ name, count: known[name] ?? 0 }))
    .toSorted(
      (left, right) => right.count - left.count || languageName(left.name).localeCompare(languageName(right.name)),
    );
}

/** @param {{draft: Draft, data?: Api.MessageLanguages, hint?: string}} props */
function AddLanguage({ draft, data, hint }) {
  const t = texts("editor").message.languages;
  const [isOpen, setIsOpen] = useState(false);
  if (!data) return null;
  const languages = Object.keys(draft.form.values.message.languages ?? {});
  const options = languagesToAdd(data, languages);
  const spoken = options.filter(({ count }) => count > 0);
  /** @param {string} name */
  const add = (name) => {
    if (!name) return;
    draft.form.set("message", withText(draft.form.values.message, name, { subject: "", body: "" }));
    draft.showText(name);
    setIsOpen(false);
  };
  const choices = options.map(({ name, count }) => ({ value: name, label: t.option(languageName(name), count) }));
  return html`<div class="message-language-add">
    ${
      isOpen
        ? html`<${Select} label=${t.choose()} value="" onChange=${add} options=${[{ value: "", label: "…" }, ...choices]} />`
        : html`<${Button} isSmall icon="plus" onClick=${() => setIsOpen(true)}>${t.add()}<//>`
    }
    ${hint && html`<p class="form-hint">${hint}</p>`}
    ${!hint && spoken.length > 0 && html`<p class="form-hint">${t.without(list(spoken.map(({ name, count }) => t.option(languageName(name), count))))}</p>`}
  </div>`;
}

/** @param {Draft} draft */
function isEmpty({ text: { name, text } }) {
  return name !== DEFAULT_TEXT && !(text.subject.trim() || text.body.trim() || text.preview?.trim());
}

/** @param {Draft} draft */
function copyDefault({ form, text }) {
  const { languages: _, ...first } = form.values.message;
  form.set(text.path, first);
}

/** @param {Draft} draft */
async function remove(draft) {
  const t = texts("editor").message.languages;
  const { form, text, showText } = draft;
  const title = t.remove(languageName(text.name));
  if (!(isEmpty(draft) || (await ask({ title, text: t.removeText(), confirm: title, isDanger: true })))) return;
  form.set("message", withText(form.values.message, text.name, null));
  showText(DEFAULT_TEXT);
}

/**
 * Shows the first text with an error, if the one that is shown has none. So the form must know the fields of all texts.
 *
 * @param {Draft} draft
 * @param {string[]} names
 */
function useFirstWrong({ form, text, showText }, names) {
  const pathOf = (/** @type {string} */ name) => (name === DEFAULT_TEXT ? "message" : `message.languages.${name}`);
  for (const name of names) for (const part of PARTS) form.bind(`${pathOf(name)}.${part}`);
  const isWrong = (/** @type {string} */ name) => PARTS.some((part) => form.errors[`${pathOf(name)}.${part}`]);
  useEffect(() => {
    const wrong = names.find(isWrong);
    if (wrong && !isWrong(text.name)) showText(wrong);
  }, [form.errors]);
}
