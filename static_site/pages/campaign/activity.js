/** Who did what with a campaign, the latest first. */

import { audit } from "../../api.js";
import { usePages } from "../../data/resource.js";
import { html } from "../../html.js";
import { texts } from "../../texts.js";
import { Card, Failure, Skeleton, Time } from "../../ui/basic.js";
import { LoadMore } from "../../ui/table.js";

/** @param {{campaign: Api.Campaign}} props */
export function ActivityCard({ campaign }) {
  const { activity: t } = texts("campaign");
  const load = (
    /** @type {Parameters<typeof audit.ofCampaign>[1]} */ page,
    /** @type {AbortSignal | undefined} */ signal,
  ) => audit.ofCampaign(campaign.id, page, signal);
  const pages = usePages(activityKey(campaign), load);
  if (pages.error)
    return html`<${Card} title=${t.title()}><${Failure} error=${pages.error} retry=${pages.reload} /><//>`;
  if (!pages.items) return html`<${Card} title=${t.title()}><${Skeleton} rows=${3} /><//>`;
  return html`<${Card} title=${t.title()}>
    <ol class="activity-list">
      ${toSteps(pages.items).map(
        ({ id, what, who, when, times }) => html`<li key=${id}>
          <strong>${actionText(what)}${times > 1 && ` ${t.times(times)}`}</strong>
          <bdi class="clamped muted">${who}</bdi>
          <${Time} at=${when} isExact />
        </li>`,
      )}
    </ol>
    ${pages.items.length === 0 && html`<p class="muted">${t.empty()}</p>`}
    <${LoadMore} pages=${pages} />
  <//>`;
}

/**
 * Whatever changes the campaign loads its activity again.
 *
 * @param {Api.Campaign} campaign
 */
const activityKey = ({ id, state }) => `/api/campaigns/${id}/activity?${state}`;

/** @typedef {Api.CampaignAction & {times: number}} Step What one member did several times on end is one step. */

/**
 * The actions as steps: a draft that is saved while somebody writes is one change.
 *
 * @param {Api.CampaignAction[]} actions Newest first.
 * @returns {Step[]}
 */
export function toSteps(actions) {
  /** @type {Step[]} */
  const found = [];
  for (const action of actions) {
    const newer = found.at(-1);
    if (newer && newer.what === action.what && newer.who === action.who) newer.times += 1;
    else found.push({ ...action, times: 1 });
  }
  return found;
}

/**
 * An action in the reader's language; its own name if it has no text.
 *
 * @param {string} what
 */
function actionText(what) {
  const actions = /** @type {Record<string, undefined | (() => string)>} */ (texts("campaign").activity.actions);
  return actions[what]?.() ?? what;
}
