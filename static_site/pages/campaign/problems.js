/** What is wrong with a campaign, at the top of its page. */

import { html } from "../../html.js";
import { texts } from "../../texts.js";
import { Notice } from "../../ui/basic.js";

/** @param {{campaign: Api.Campaign}} props */
export function Problems({ campaign: { start_error: startError, discrepancy } }) {
  const { scheduled, discrepancy: words, kinds } = texts("campaign");
  return html`
    ${startError && html`<${Notice} tone="bad" title=${scheduled.startError()}>${scheduled.startErrorText(startError)}<//>`}
    ${
      discrepancy &&
      html`<${Notice} tone="warn" title=${words.title()}>
        <p>${words.text()}</p>
        <ul>${Object.entries(discrepancy).map(
          ([kind, { counters, ledger }]) => html`<li key=${kind}>
            ${words.line(kind in kinds ? kinds[/** @type {Api.Outcome} */ (kind)]() : kind, counters, ledger)}
          </li>`,
        )}</ul>
      <//>`
    }`;
}
