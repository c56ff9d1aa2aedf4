/** Who wrote the texts of a campaign, and why the template was used. Counted once: it reads many texts. */

import { campaigns } from "../../api.js";
import { useResource } from "../../data/resource.js";
import { html } from "../../html.js";
import { number, roundMoney } from "../../texts/format.js";
import { texts } from "../../texts.js";
import { Card, Loaded, Notice } from "../../ui/basic.js";
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
function Authors({ fallbacks: { by_gemini: gemini, by_template: template, reasons, complete, used, ...lost } }) {
  const { gemini: t } = texts("campaign");
  if (!(gemini || template)) return html`<p class="muted">${t.none()}</p>`;
  const parts = [
    { key: "series-1", label: t.byGemini(), value: gemini },
    { key: "series-4", label: t.byTemplate(), value: template },
  ];
  const isUsedUp = reasons.some(({ reason }) => reason.startsWith("budget:"));
  return html`
    <${StackedBar} label=${t.title()} parts=${parts} hasLegend />
    ${used.calls > 0 && html`<p class="muted">${usedText(t, used)}</p>`}
    ${isUsedUp && html`<${Notice} tone="warn">${t.usedUp()}<//>`}
    ${!complete && html`<p class="muted">${t.part()}</p>`}
    ${
      reasons.length > 0 &&
      html`<h3>${t.why()}</h3>
      <${ReasonList} reasons=${reasons} />`
    }
    ${
      lost.mended > 0 &&
      html`<h3>${t.mended(lost.mended)}</h3>
      <p class="muted">${t.mendedHint()}</p>
      <${ReasonList} reasons=${lost.mended_reasons} />`
    }`;
}

/** @param {{reasons: Api.Fallbacks["reasons"]}} props */
const ReasonList = ({ reasons }) => html`<ul class="reason-list">
  ${reasonsByText(texts("campaign"), reasons).map(({ text, count, examples }) => html`<${Reason} key=${text} ...${{ text, count, examples }} />`)}
</ul>`;

/** @param {{text: string, count: number, examples: string[]}} props */
const Reason = ({ text, count, examples }) => html`<li>
  <span class="reason-text">
    <bdi>${text}</bdi>
    ${
      examples.length > 0 &&
      html`<details class="fold"><summary>${texts("campaign").gemini.examples()}</summary>
      ${examples.map((example) => html`<blockquote key=${example} class="refused-text user-text"><bdi>${example}</bdi></blockquote>`)}
    </details>`
    }
  </span>
  <strong class="reason-count">${number(count)}</strong>
</li>`;

/**
 * @param {Ui.Texts["campaign"]["gemini"]} t
 * @param {Api.Fallbacks["used"]} used
 */
function usedText(t, { calls, input_tokens: input, output_tokens: output, cost, currency, max_calls: cap }) {
  const parts = [t.calls(calls), t.tokens(number(input + output))];
  if (cost !== null) parts.push(cost < 1 ? t.under(roundMoney(1, currency)) : roundMoney(cost, currency));
  if (cap !== null) parts.push(t.cap(number(cap)));
  return parts.join(" · ");
}

const MAX_EXAMPLES = 3;

/**
 * How often each reason occurred, the most frequent first, with examples: reasons with the same text are one for the
 * reader.
 *
 * @param {Ui.Texts["campaign"]} t
 * @param {Api.Fallbacks["reasons"]} reasons
 */
export function reasonsByText(t, reasons) {
  /** @type {Map<string, {text: string, count: number, examples: string[]}>} */
  const found = new Map();
  for (const { reason, count, examples } of reasons) {
    const text = fallbackText(t, reason);
    const known = found.get(text) ?? { text, count: 0, examples: [] };
    known.count += count;
    known.examples = [...known.examples, ...examples].slice(0, MAX_EXAMPLES);
    found.set(text, known);
  }
  return [...found.values()].sort((one, other) => other.count - one.count);
}
