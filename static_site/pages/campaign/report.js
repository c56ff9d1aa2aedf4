/** What became of a launched campaign. */

import { campaigns, outcomesIn } from "../../api.js";
import { useResource } from "../../data/resource.js";
import { html } from "../../html.js";
import { number, percentage, share } from "../../texts/format.js";
import { texts } from "../../texts.js";
import { Stat, StatStrip } from "../../ui/figures.js";
import { GeminiCard } from "./gemini.js";
import { LinksCard } from "./links.js";
import { PeopleCard } from "./people.js";
import { ProgressCard } from "./progress.js";
import { ReasonCards } from "./reasons.js";
import { ResultsCard } from "./results.js";
import { SummaryCard } from "./summary.js";
import { TimeCard } from "./time_chart.js";

/** @param {{campaign: Api.Campaign, statistics: Api.Statistics}} props */
export function Report({ campaign, statistics }) {
  return html`
    <${Figures} id=${campaign.id} statistics=${statistics} />
    <div class="two-columns even">
      <${ProgressCard} campaign=${campaign} statistics=${statistics} />
      <${TimeCard} statistics=${statistics} />
    </div>
    <${LinksCard} statistics=${statistics} />
    <${ResultsCard} id=${campaign.id} />
    <${ReasonCards} statistics=${statistics} />
    <div class="two-columns even">
      <${SummaryCard} id=${campaign.id} />
      ${campaign.personalization === "gemini" && html`<${GeminiCard} id=${campaign.id} />`}
    </div>
    <${PeopleCard} campaign=${campaign} statistics=${statistics} />`;
}

/** @type {Api.LaterKind[]} */
const ALWAYS = ["delivered", "opened", "clicked", "unsubscribed"];
/** @type {Api.LaterKind[]} */
const SOMETIMES = ["bounced", "complained", "converted", "retried"];

/** @param {{id: string, statistics: Api.Statistics}} props */
function Figures({ id, statistics }) {
  const t = texts("campaign");
  const { audience, sent } = statistics;
  const found = useResource(`/api/campaigns/${id}/comparison`, (signal) => campaigns.comparison(id, signal));
  const usual = found.data?.usual ?? [];
  const outcomes = outcomesIn(statistics).filter((kind) => kind !== "pending");
  const later = sent ? [...ALWAYS, ...SOMETIMES.filter((kind) => statistics[kind])] : [];
  /**
   * @param {string} kind
   * @param {string} rate
   */
  const note = (kind, rate) => {
    const one = usual.find((figure) => figure.kind === kind);
    return one ? html`${rate}<br />${t.rates.usual(percentage(one.share))}` : rate;
  };
  return html`<div class="stack-view">
    <${StatStrip} label=${t.figures()}>
      ${outcomes.map((kind) => html`<${Stat} key=${kind} label=${t.kinds[kind]()} value=${number(statistics[kind])} note=${note(kind, t.rates.audience(share(statistics[kind], audience)))} />`)}
      ${later.map((kind) => html`<${Stat} key=${kind} label=${t.kinds[kind]()} value=${number(statistics[kind])} note=${note(kind, t.rates.sent(share(statistics[kind], sent)))} />`)}
      ${statistics.corrected > 0 && html`<${Stat} label=${t.kinds.corrected()} value=${number(statistics.corrected)} note=${t.rates.corrected()} />`}
    <//>
    ${usual.length > 0 && html`<p class="form-hint">${t.rates.compared(Math.max(...usual.map((one) => one.campaigns)))}</p>`}
  </div>`;
}
