/** How many people followed each link of the message, and what machines did. */

import { html } from "../../html.js";
import { number, share } from "../../texts/format.js";
import { texts } from "../../texts.js";
import { Card } from "../../ui/basic.js";

/** @param {{statistics: Api.Statistics}} props */
export function LinksCard({ statistics }) {
  const { links: t } = texts("campaign");
  const { links = [], link_clicked: clicks, machine_opened: opens, machine_clicked: scans, sent } = statistics;
  if (!(clicks || opens || scans)) return null;
  return html`<${Card} title=${t.title()}>
    ${
      links.length > 0 &&
      html`<table class="plain-table">
      <caption class="visually-hidden">${t.title()}</caption>
      <thead><tr><th scope="col">${t.link()}</th><th scope="col" class="numeric">${t.people()}</th><th scope="col" class="numeric">${t.ofSent()}</th></tr></thead>
      <tbody>${links.map(
        ({ url, people }) => html`<tr key=${url}>
          <th scope="row" class="link-address"><bdi>${url ?? t.others()}</bdi></th>
          <td class="numeric">${number(people)}</td><td class="numeric">${share(people, sent)}</td>
        </tr>`,
      )}</tbody>
    </table>`
    }
    ${(opens > 0 || scans > 0) && html`<p class="muted">${t.machines(opens, scans)}</p>`}
  <//>`;
}
