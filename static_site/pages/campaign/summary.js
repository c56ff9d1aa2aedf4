/** The summary of a campaign by Gemini, only when the reader asks for it. It is kept until they ask again. */

import { campaigns } from "../../api.js";
import { peek, setResource } from "../../data/resource.js";
import { html, useState } from "../../html.js";
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
  return html`<${Card}
    title=${t.title()}
    actions=${html`<${Button} isSmall onClick=${write}>${summary ? t.again() : t.ask()}<//>`}
  >
    <div aria-live="polite" class="summary-text">${
      summary
        ? html`<p class="user-text">${summary.text}</p>
          <p class="muted">${summary.by === "gemini" ? t.gemini() : t.template()}</p>`
        : html`<p class="muted">${t.text()}</p>`
    }</div>
  <//>`;
}
