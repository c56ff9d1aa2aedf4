/** What is wrong with a campaign, at the top of its page. */

import { html } from "../../html.js";
import { startErrorText, texts } from "../../texts.js";
import { Notice } from "../../ui/basic.js";

/** @param {{campaign: Api.Campaign}} props */
export function Problems({ campaign: { start_error: startError, start_error_code: code, discrepancy } }) {
  const { scheduled, discrepancy: words } = texts("campaign");
  return html`
    ${startError && html`<${Notice} tone="bad" title=${scheduled.startError()}>${scheduled.startErrorText(startErrorText(code, startError))}<//>`}
    ${
      discrepancy &&
      html`<${Notice} tone="warn" title=${words.title()}>
        <p>${words.text()}</p>
        <ul>${Object.entries(discrepancy).map(
          ([kind, { counters, ledger }]) => html`<li key=${kind}>
            ${words.line(counterName(kind), counters, ledger)}
          </li>`,
        )}</ul>
      <//>`
    }`;
}

/**
 * The name of a counter: of a kind, or of what is counted besides.
 *
 * @param {string} counter
 */
function counterName(counter) {
  const { kinds, discrepancy: words } = texts("campaign");
  const kind = counter.replace(/_over_time$/, "");
  const name = kind in kinds ? kinds[/** @type {Api.Outcome} */ (kind)]() : (words.counters[kind]?.() ?? kind);
  return kind === counter ? name : words.overTime(name);
}
