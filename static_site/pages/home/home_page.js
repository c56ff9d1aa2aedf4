/** Home: what happens now, what needs attention, the last campaigns; and the first steps of a new deployment. */

import { getOverview } from "../../api.js";
import { useResource } from "../../data/resource.js";
import { html } from "../../html.js";
import { mayWrite } from "../../session.js";
import { number, share } from "../../texts/format.js";
import { texts } from "../../texts.js";
import { Button, Card, Icon, Loaded, PageHeader } from "../../ui/basic.js";
import { Stat, StatStrip } from "../../ui/figures.js";
import { CampaignTable } from "./campaign_table.js";
import { FirstSteps } from "./first_steps.js";

const POLL_WHILE_ACTIVE = 3000;
const POLL = 30_000;

/** @param {{me: Api.Me}} props */
export default function HomePage({ me }) {
  const t = texts("home");
  const overview = useResource("/api/campaigns/overview", getOverview, { every: pollInterval });
  return html`<div class="view">
    <${PageHeader}
      title=${t.title()}
      actions=${mayWrite(me) && html`<${Button} kind="primary" icon="plus" href="/campaigns/new">${t.create()}<//>`}
    />
    <${Loaded} resource=${overview} rows=${10}>${(/** @type {Api.Overview} */ data) => html`<${Content} overview=${data} me=${me} />`}<//>
  </div>`;
}

/** @param {Api.Overview | undefined} overview */
const pollInterval = (overview) =>
  overview?.active.some(({ state }) => state === "running") ? POLL_WHILE_ACTIVE : POLL;

/** @param {{overview: Api.Overview, me: Api.Me}} props */
function Content({ overview, me }) {
  const t = texts("home");
  const { first_steps: steps, attention, active, last, figures } = overview;
  return html`<div class="stack-view">
    ${!steps.has_launched && html`<${FirstSteps} steps=${steps} me=${me} />`}
    ${attention.length > 0 && html`<${Attention} items=${attention} />`}
    ${steps.has_launched && html`<${Figures} figures=${figures} />`}
    ${
      steps.has_launched || active.length > 0
        ? html`<${Card} title=${t.now.title()} isFlush=${active.length > 0}>
            ${active.length ? html`<${CampaignTable} caption=${t.now.title()} campaigns=${active} />` : html`<p class="muted">${t.now.empty()}</p>`}
          <//>`
        : null
    }
    ${
      (steps.has_launched || last.length > 0) &&
      html`<${Card}
        title=${t.last.title()} isFlush=${last.length > 0}
        actions=${html`<${Button} isSmall kind="quiet" href="/campaigns">${t.last.all()}<//>`}
      >${last.length ? html`<${CampaignTable} caption=${t.last.title()} campaigns=${last} />` : html`<p class="muted">${t.last.empty()}</p>`}<//>`
    }
  </div>`;
}

/** @param {{figures: Api.Overview["figures"]}} props */
function Figures({ figures: { customers, campaigns, last } }) {
  const t = texts("home");
  const total = Object.values(campaigns).reduce((sum, value) => sum + value, 0);
  return html`<${StatStrip} label=${t.figures()}>
    <${Stat} label=${t.customers()} value=${number(customers)} />
    <${Stat} label=${t.campaigns()} value=${number(total)} note=${`${t.finished(campaigns.finished ?? 0)} · ${t.drafts(campaigns.draft ?? 0)}`} />
    <${Stat} label=${t.running()} value=${number(campaigns.running ?? 0)} />
    <${Stat} label=${t.sent()} value=${number(last.sent)} note=${t.rate(share(last.sent, last.audience))} />
    <${Stat} label=${t.failed()} value=${number(last.failed)} note=${t.rate(share(last.failed, last.audience))} />
  <//>`;
}

/** @param {{items: Api.AttentionItem[]}} props */
function Attention({ items }) {
  const { attention: t, noName } = texts("home");
  return html`<${Card} title=${t.title()}>
    <ul class="attention-list">
      ${items.map(
        (item) => html`<li key=${item.code + item.campaign_id}>
          <${Icon} name="alert" />
          <span class="attention-text"><a href=${`/campaigns/${item.campaign_id}`}><bdi>${item.campaign_name || noName()}</bdi></a> ${attentionText(t, item)}</span>
        </li>`,
      )}
    </ul>
  <//>`;
}

/**
 * @param {Ui.Texts["home"]["attention"]} t
 * @param {Pick<Api.AttentionItem, "code" | "count" | "share" | "detail">} item
 */
export function attentionText(t, { code, count, share: part, detail }) {
  if (code === "start_error") return t.start_error(detail ?? "");
  if (code === "failures") return t.failures(count ?? 0, share(part ?? 0, 1));
  return code === "discrepancy" ? t.discrepancy() : t.vendor_deferred(count ?? 0);
}
