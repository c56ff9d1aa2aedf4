/** A campaign that was not launched: a draft, a scheduled one, or one that was cancelled before its start. */

import { segments } from "../../api.js";
import { useResource } from "../../data/resource.js";
import { html } from "../../html.js";
import { dateTime, relativeTime } from "../../texts/format.js";
import { reachOf } from "../../texts/reach.js";
import { texts } from "../../texts.js";
import { Card } from "../../ui/basic.js";
import { currentRule } from "./actions.js";

/** @param {{campaign: Api.Campaign, children?: import("../../html.js").Children}} props */
export function Unlaunched({ campaign, children }) {
  const t = texts("campaign");
  if (campaign.state === "scheduled") return html`<${Scheduled} campaign=${campaign} />`;
  const words = campaign.state === "draft" ? t.draft : t.cancelledBefore;
  return html`<${Card} title=${words.title()}>
    <p>${words.text()}</p>
    ${children && html`<div class="button-row">${children}</div>`}
  <//>`;
}

/** @param {{campaign: Api.Campaign}} props */
function Scheduled({ campaign }) {
  const { scheduled: t } = texts("campaign");
  const { id, start_at: start } = campaign;
  const preview = useResource(`/api/campaigns/${id}/reach`, async (signal) =>
    segments.preview(await currentRule(campaign, signal), signal),
  );
  const isDue = Boolean(start) && Date.parse(start ?? "") <= Date.now();
  const reach = preview.data && reachOf(preview.data);
  return html`<${Card} title=${t.title()}>
    ${start && html`<p class="scheduled-start">${isDue ? t.due(dateTime(start)) : t.starts(dateTime(start), relativeTime(start))}</p>`}
    ${reach !== undefined && html`<p>${reach ? t.reach(reach) : t.noReach()}</p>`}
  <//>`;
}
