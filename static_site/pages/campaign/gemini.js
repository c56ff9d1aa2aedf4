/** Who wrote the texts of a campaign, and why the template was used. Counted once: it reads many texts. */

import { campaigns } from "../../api.js";
import { useResource } from "../../data/resource.js";
import { html } from "../../html.js";
import { number } from "../../texts/format.js";
import { texts } from "../../texts.js";
import { Card, Loaded } from "../../ui/basic.js";
import { StackedBar } from "../../ui/figures.js";
import { fallbackText } from "./standing.js";

/** @param {{id: string}} props */
export function GeminiCard({ id }) {
  const { gemini: t } = texts("campaign");
  const found = useResource(`/api/fallbacks/${id}`, (signal) => campaigns.fallbacks(id, signal));
  return html`<${Card} title=${t.title()}>
    <${Loaded} resource=${found}>${(/** @type {Api.Fallbacks} */ data) => html`<${Authors} fallbacks=${data} />`}<//>
  <//>`;
}

/** @param {{fallbacks: Api.Fallbacks}} props */
function Authors({ fallbacks: { by_gemini: gemini, by_template: template, reasons, complete } }) {
  const { gemini: t } = texts("campaign");
  if (!(gemini || template)) return html`<p class="muted">${t.none()}</p>`;
  const parts = [
    { key: "series-1", label: t.byGemini(), value: gemini },
    { key: "series-4", label: t.byTemplate(), value: template },
  ];
  return html`
    <${StackedBar} label=${t.title()} parts=${parts} hasLegend />
    ${!complete && html`<p class="muted">${t.part()}</p>`}
    ${
      reasons.length > 0 &&
      html`<h3>${t.why()}</h3>
      <ul class="reason-list">${reasonsByText(texts("campaign"), reasons).map(
        ([text, count]) => html`<li key=${text}>
          <span class="reason-text"><bdi>${text}</bdi></span><strong class="reason-count">${number(count)}</strong>
        </li>`,
      )}</ul>`
    }`;
}

/**
 * How often each reason occurred, the most frequent first: reasons with the same text are one for the reader.
 *
 * @param {Ui.Texts["campaign"]} t
 * @param {Api.Fallbacks["reasons"]} reasons
 */
export function reasonsByText(t, reasons) {
  /** @type {Map<string, number>} */
  const counts = new Map();
  for (const { reason, count } of reasons) {
    const text = fallbackText(t, reason);
    counts.set(text, (counts.get(text) ?? 0) + count);
  }
  return [...counts].sort(([, one], [, other]) => other - one);
}
