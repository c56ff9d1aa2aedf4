/** One campaign: what became of it, why, and what can be done. */

import { campaigns } from "../../api.js";
import { useResource } from "../../data/resource.js";
import { html } from "../../html.js";
import { mayWrite } from "../../session.js";
import { texts } from "../../texts.js";
import { Badge, Button, Failure, Loaded, PageHeader, Skeleton } from "../../ui/basic.js";
import { Actions } from "./actions.js";
import { ActivityCard } from "./activity.js";
import { Approval } from "./approval.js";
import { DetailsCard } from "./details.js";
import { LookUpCard } from "./look_up.js";
import { Problems } from "./problems.js";
import { Report } from "./report.js";
import { SentencesCard } from "./sentences.js";
import { isChanging, standing } from "./standing.js";
import { Unlaunched } from "./unlaunched.js";

const POLL_WHILE_ACTIVE = 1500;
const POLL = 30_000;

/** @param {{params: {id: string}, me: Api.Me}} props */
export default function CampaignPage({ params: { id }, me }) {
  const t = texts("campaign");
  const path = `/api/campaigns/${id}`;
  const campaign = useResource(path, (signal) => campaigns.get(id, signal), { every: pollInterval });
  const statistics = useResource(`${path}/statistics`, (signal) => campaigns.statistics(id, signal), {
    every: pollInterval,
  });
  const isLaunched = Boolean(campaign.data?.launched_at);
  const isReady = !isLaunched || statistics.data || statistics.error; // shown at once, so that nothing moves down later
  if (!(campaign.data && isReady)) {
    return html`<div class="view">
      <${PageHeader} title=${t.progress.title()} back=${{ href: "/campaigns", label: t.all() }} />
      ${campaign.error ? html`<${Failure} error=${campaign.error} retry=${campaign.reload} />` : html`<${Skeleton} rows=${8} />`}
    </div>`;
  }
  return html`<div class="view"><${Campaign} ...${{ campaign: campaign.data, statistics, me, isLaunched }} /></div>`;
}

/**
 * Often while something happens, rarely otherwise.
 *
 * @param {{state: Api.CampaignState, pending?: number, finished_at?: string | null} | undefined} data
 */
const pollInterval = (data) => (data && isChanging(data) ? POLL_WHILE_ACTIVE : POLL);

/**
 * @param {{
 *   campaign: Api.Campaign, statistics: import("../../data/resource.js").Resource<Api.Statistics>, me: Api.Me,
 *   isLaunched: boolean,
 * }} props
 */
function Campaign({ campaign, statistics, me, isLaunched }) {
  const t = texts("campaign");
  const { data } = statistics;
  return html`
    <${PageHeader}
      title=${campaign.name || t.noName()} badge=${html`<${Badge} state=${campaign.state} />`}
      back=${{ href: "/campaigns", label: t.all() }}
      lead=${isLaunched && data && html`<${Sentence} campaign=${campaign} statistics=${data} />`}
      actions=${mayWrite(me) && html`<${Actions} campaign=${campaign} statistics=${data ?? null} />`}
    />
    <div class="stack-view">
      <${Problems} campaign=${campaign} />
      ${campaign.state === "draft" && html`<${Approval} campaign=${campaign} me=${me} />`}
      ${
        isLaunched
          ? html`<${Loaded} resource=${statistics} rows=${8}>${(/** @type {Api.Statistics} */ found) =>
              html`<${Report} campaign=${campaign} statistics=${found} />`}<//>`
          : html`<${Unlaunched} campaign=${campaign}>
              ${campaign.state === "draft" && mayWrite(me) && html`<${Button} kind="primary" icon="edit" href=${`/campaigns/${campaign.id}/edit`}>${t.edit()}<//>`}
            <//>`
      }
      <div class="two-columns">
        <div class="stack-view">
          <${DetailsCard} campaign=${campaign} />
          ${isLaunched && html`<${SentencesCard} campaign=${campaign} />`}
        </div>
        <div class="stack-view screen-only">
          ${campaign.state !== "draft" && html`<${LookUpCard} campaign=${campaign} />`}
          <${ActivityCard} campaign=${campaign} />
        </div>
      </div>
    </div>`;
}

/** @param {{campaign: Api.Campaign, statistics: Api.Statistics}} props */
function Sentence({ campaign, statistics }) {
  const t = texts("campaign");
  return html`<span class="campaign-sentence">${t.sentence(statistics)}</span> <span>${standing(t, campaign, statistics)}</span>`;
}
