/** What is wrong with a rule, in the language of the page. */

import { fieldErrorText, texts } from "../texts.js";

/**
 * A sentence for an error of a rule. `position` in the text is shown by the field itself.
 *
 * @param {Api.FieldError} error
 */
export function ruleErrorText(error) {
  /** @type {Record<string, (error: Api.FieldError) => string>} */
  const own = texts("audience").errors;
  return own[error.code ?? ""]?.(error) ?? fieldErrorText(error);
}
