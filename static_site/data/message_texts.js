/** The texts of a message: one for each of its languages, and one for everybody else. */

import { languageName } from "../texts/format.js";
import { texts } from "../texts.js";

/** @typedef {Api.MessageText & {languages?: Record<string, Api.MessageText> | null}} Message */

/** The name of the text that everybody gets whose language has none. */
export const DEFAULT_TEXT = "default";

/**
 * Where a text of the message is in the form, and what it says.
 *
 * @param {Message} message
 * @param {string} name
 * @returns {{name: string, path: string, text: Api.MessageText}}
 */
export function textNamed({ languages, ...text }, name) {
  const own = languages?.[name];
  if (!own) return { name: DEFAULT_TEXT, path: "message", text };
  return { name, path: `message.languages.${name}`, text: own };
}

/**
 * The text whose people a preview shows: nothing while the message has only one text.
 *
 * @param {Message} message
 * @param {string} name
 */
export const textAsked = (message, name) => (hasLanguages(message) ? textNamed(message, name).name : undefined);

/** @param {Message} message */
export const hasLanguages = ({ languages }) => Object.keys(languages ?? {}).length > 0;

/**
 * The message with one more text, or without one.
 *
 * @param {Message} message
 * @param {string} name
 * @param {Api.MessageText | null} text
 */
export function withText({ languages, ...message }, name, text) {
  const { [name]: _, ...others } = languages ?? {};
  const changed = text ? { ...languages, [name]: text } : others;
  return { ...message, ...(Object.keys(changed).length > 0 && { languages: changed }) };
}

/**
 * @param {string} name A language, or that of the default text.
 */
export const textName = (name) => (name === DEFAULT_TEXT ? texts().everybodyElse() : languageName(name));

/**
 * The texts of a message, for tabs and lists.
 *
 * @param {Message} message
 */
export const textOptions = ({ languages }) =>
  [DEFAULT_TEXT, ...Object.keys(languages ?? {})].map((value) => ({ value, label: textName(value) }));
