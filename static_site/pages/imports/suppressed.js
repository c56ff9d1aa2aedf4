/** What a list of suppressions did. */

import { useFields } from "../../data/use_fields.js";
import { html } from "../../html.js";
import { texts } from "../../texts.js";
import { Button, Card, Notice } from "../../ui/basic.js";
import { rowError } from "./import_result.js";

const MAX_SHOWN = 50;

/** @param {{answer: Api.SuppressionAnswer, onAgain: () => void}} props */
export function Suppressed({ answer, onAgain }) {
  const t = texts("imports");
  const { suppressed, rejected } = answer;
  useFields(); // the errors name them
  const actions = html`<div class="button-row"><${Button} href="/suppressions">${t.suppress.see()}<//><${Button} onClick=${onAgain}>${t.again()}<//></div>`;
  return html`<${Card} title=${t.resultTitle()} actions=${actions}>
    <${Notice} tone=${rejected.length ? "warn" : "good"}>${t.suppress.done(suppressed, rejected.length)}<//>
    ${
      rejected.length > 0 &&
      html`<ol class="rejected-rows">
        ${rejected
          .slice(0, MAX_SHOWN)
          .map(
            ({ row, errors }) =>
              html`<li key=${row}><span class="muted">${t.line(row)}</span><span>${errors.map(rowError).join(" ")}</span></li>`,
          )}
      </ol>
      ${rejected.length > MAX_SHOWN && html`<p class="form-hint">${t.suppress.more(rejected.length - MAX_SHOWN)}</p>`}`
    }
  <//>`;
}
