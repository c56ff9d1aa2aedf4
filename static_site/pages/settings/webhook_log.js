/** What the server of a webhook answered, the newest first; one event, or all since a time, can be sent again. */

import { webhooks } from "../../api.js";
import { usePages } from "../../data/resource.js";
import { html } from "../../html.js";
import { texts } from "../../texts.js";
import { Badge, Button, Empty, Loaded, Time, toast } from "../../ui/basic.js";
import { Dialog, Menu } from "../../ui/overlays.js";
import { LoadMore, Table } from "../../ui/table.js";

const HOUR = 3_600_000;

/** @param {{webhook: Api.Webhook, onClose: () => unknown}} props */
export function WebhookLog({ webhook, onClose }) {
  const { webhooks: t } = texts("settings");
  const pages = usePages(`/api/webhooks/${webhook.id}/attempts`, (page, signal) =>
    webhooks.attempts(webhook.id, page, signal),
  );
  const rows = (pages.items ?? []).flatMap(requestsOf);
  const actions = html`<${ReplayMenu} webhook=${webhook} /><${Button} kind="primary" onClick=${onClose}>${texts("settings").keys.done()}<//>`;
  return html`<${Dialog} title=${t.logTitle(webhook.name)} onClose=${onClose} actions=${actions} isWide>
    <${Loaded} resource=${pages} rows=${5}>${() =>
      rows.length
        ? html`<${Table} caption=${t.log()} columns=${columns(webhook)} rows=${rows} rowKey=${(/** @type {Request} */ { key }) => key} /><${LoadMore} pages=${pages} />`
        : html`<${Empty} icon="send" title=${t.emptyLog.title()} text=${t.emptyLog.text()} />`}<//>
  <//>`;
}

/** @typedef {Api.EventAttempt & {key: string, at: string, attempt: number, next_at: string | null}} Request */

/**
 * @param {Api.WebhookAttempt} entry
 * @returns {Request[]}
 */
const requestsOf = ({ at, attempt, next_at, events }) =>
  events.map((event) => ({ ...event, key: `${at} ${event.id}`, at, attempt, next_at }));

/**
 * @param {Api.Webhook} webhook
 * @returns {import("../../ui/table.js").Column<Request>[]}
 */
function columns(webhook) {
  const { webhooks: t } = texts("settings");
  const replay = async (/** @type {Request} */ { id }) => {
    await webhooks.replay(webhook.id, { event: id });
    toast(t.replayQueued(1));
  };
  return [
    { title: t.logColumns.event(), phone: "title", cell: ({ type }) => html`<code>${type}</code>` },
    { title: t.logColumns.at(), phone: "line", cell: ({ at }) => html`<${Time} at=${at} />` },
    { title: t.logColumns.answer(), phone: "end", cell: (request) => html`<${Answer} request=${request} />` },
    { title: t.logColumns.duration(), cell: ({ milliseconds }) => t.milliseconds(milliseconds) },
    { title: t.logColumns.attempt(), cell: ({ attempt }) => attempt },
    {
      title: texts().actions.more(),
      isTitleHidden: true,
      phone: "aside",
      cell: (request) => html`<${Button} isSmall onClick=${() => replay(request)}>${t.replay()}<//>`,
    },
  ];
}

/** @param {{request: Request}} props */
function Answer({ request: { status, error, next_at: nextAt } }) {
  const { webhooks: t } = texts("settings");
  const isGood = status !== null && status >= 200 && status < 300;
  const badge = html`<${Badge} tone=${isGood ? "good" : "bad"}>${status ?? t.noAnswer()}<//>`;
  if (isGood) return badge;
  return html`<span>${badge} ${error && html`<small>${error} </small>`}${nextAt && html`<small>${t.again()} <${Time} at=${nextAt} /></small>`}</span>`;
}

/**
 * Lets all events since a time be sent again, in as many requests as that takes. Returns their number.
 *
 * @param {(since: string) => Promise<{events: number, until: string | null}>} ask
 * @param {string} since
 * @param {(events: number) => unknown} onPart is told how many they are so far, where one request is not enough
 */
export async function replayAll(ask, since, onPart) {
  let total = 0;
  for (let from = /** @type {string | null} */ (since); from; ) {
    const { events, until } = await ask(from);
    total += events;
    from = until === from ? null : until;
    if (from) onPart(total);
  }
  return total;
}

/** @param {{webhook: Api.Webhook}} props */
function ReplayMenu({ webhook }) {
  const { webhooks: t } = texts("settings");
  const replay = (/** @type {number} */ hours) => async () => {
    const since = new Date(Date.now() - hours * HOUR).toISOString();
    const ask = (/** @type {string} */ from) => webhooks.replay(webhook.id, { since: from });
    toast(t.replayQueued(await replayAll(ask, since, (events) => toast(t.replayGoesOn(events)))));
  };
  const items = [
    { label: t.lastHour(), onSelect: replay(1) },
    { label: t.lastDay(), onSelect: replay(24) },
    { label: t.lastWeek(), onSelect: replay(7 * 24) },
  ];
  return html`<${Menu} label=${t.replayAll()} items=${items} isUp>${t.replayAll()}<//>`;
}
