/** The summary of a campaign, only when the reader asks for it. It is kept until they ask again. */

import { campaigns } from "../../api.js";
import { peek, setResource } from "../../data/resource.js";
import { html, useState } from "../../html.js";
import { share } from "../../texts/format.js";
import { texts } from "../../texts.js";
import { Button, Card } from "../../ui/basic.js";

/** @param {{id: string}} props */
export function SummaryCard({ id }) {
  const { summary: t } = texts("campaign");
  const key = `/summaries/${id}`;
  const [summary, setSummary] = useState(/** @type {Api.Summary | undefined} */ (peek(key)));
  const write = async () => {
    const next = await campaigns.writeSummary(id);
    setResource(key, next);
    setSummary(next);
  };
  return html`<div class=${summary ? "stack-view" : "stack-view screen-only"}><${Card}
    title=${t.title()}
    actions=${html`<${Button} isSmall onClick=${write}>${summary ? t.again() : t.ask()}<//>`}
  >
    <div aria-live="polite" class="summary-text">${
      summary
        ? html`<p class="user-text">${summary.text}</p>
          <${StandingOut} rates=${summary.standing_out} />
          <p class="muted">${summary.by === "gemini" ? t.gemini() : t.template()}</p>`
        : html`<p class="muted">${t.text()}</p>`
    }</div>
  <//></div>`;
}

/** @param {{rates: Api.StandingOut[]}} props */
function StandingOut({ rates }) {
  const { summary: t, kinds } = texts("campaign");
  return (
    rates.length > 0 &&
    html`<div>
      <p class="muted">${t.standingOut(rates[0]?.campaigns ?? 0)}</p>
      <ul class="standing-out">${rates.map(
        ({ rate, share: now, usual, is_higher }) => html`<li key=${rate}>
          <span>${kinds[rate]()}</span> <b>${share(now, 1)}</b>
          <span class="muted">${is_higher ? t.higher(share(usual, 1)) : t.lower(share(usual, 1))}</span>
        </li>`,
      )}</ul>
    </div>`
  );
}
