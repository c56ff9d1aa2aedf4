/** What can be done with a campaign in each state: the buttons, their questions, and the requests. */

import { campaigns, segments } from "../../api.js";
import { download } from "../../data/download.js";
import { mutate } from "../../data/resource.js";
import { html, useEffect, useRef, useState } from "../../html.js";
import { navigate } from "../../router.js";
import { reachOf } from "../../texts/reach.js";
import { texts } from "../../texts.js";
import { Button, runAction } from "../../ui/basic.js";
import { ask, Menu } from "../../ui/overlays.js";
import { StartDialog } from "./start_dialog.js";
import { UnknownDialog } from "./unknown_dialog.js";

/** @typedef {"launch" | "schedule" | "pause" | "resume" | "retry" | "unknown" | "cancel"} ActionName */

/** @type {Record<Api.CampaignState, ActionName[]>} */
const ACTIONS_BY_STATE = {
  draft: [],
  scheduled: ["launch", "schedule", "cancel"],
  running: ["pause", "retry", "unknown", "cancel"],
  paused: ["resume", "cancel"],
  finished: ["retry", "unknown"],
  cancelled: [],
};

/**
 * The names of the available actions. Retry needs a message that can be sent again, and the decision about unknown
 * messages needs one.
 *
 * @param {Pick<Api.Campaign, "state">} campaign
 * @param {Pick<Api.Statistics, "retryable" | "unknown"> | null} statistics
 */
export const availableActions = ({ state }, statistics) =>
  ACTIONS_BY_STATE[state].filter((name) => actionCount(name, statistics) !== 0);

/**
 * The number of messages that an action is about; null for an action that is about the campaign.
 *
 * @param {ActionName} name
 * @param {Pick<Api.Statistics, "retryable" | "unknown"> | null} statistics
 */
function actionCount(name, statistics) {
  if (name === "retry") return statistics?.retryable ?? 0;
  return name === "unknown" ? (statistics?.unknown ?? 0) : null;
}

/** @type {Record<ActionName, string | undefined>} */
const KINDS = {
  launch: "primary",
  resume: "primary",
  cancel: "danger",
  pause: undefined,
  retry: undefined,
  unknown: undefined,
  schedule: undefined,
};

/** @param {{campaign: Api.Campaign, statistics: Api.Statistics | null}} props */
export function Actions({ campaign, statistics }) {
  const t = texts("campaign");
  const [dialog, setDialog] = useState(/** @type {"schedule" | "unknown" | null} */ (null));
  const names = availableActions(campaign, statistics);
  const { group, onUse } = useKeptFocus(names.join());
  /** @param {ActionName} name */
  const run = (name) => {
    onUse();
    return name === "schedule" || name === "unknown" ? setDialog(name) : perform(name, campaign, statistics);
  };
  return html`
    <div class="button-row" ref=${group} role="group" aria-label=${t.actions.group()}>
      ${names.map(
        (name) => html`<${Button} key=${name} kind=${KINDS[name]} onClick=${() => run(name)}>
          ${t.actions[name](actionCount(name, statistics) ?? 0)}
        <//>`,
      )}
    </div>
    <${Menu} label=${t.actions.more()} items=${menuItems(campaign)} />
    ${dialog === "schedule" && html`<${StartDialog} campaign=${campaign} onClose=${() => setDialog(null)} />`}
    ${dialog === "unknown" && html`<${UnknownDialog} ...${{ campaign, unknown: statistics?.unknown ?? 0 }} onClose=${() => setDialog(null)} />`}`;
}

/**
 * Keeps the focus of somebody who used a button among the buttons, when the state of the campaign takes theirs away.
 *
 * @param {string} names
 */
function useKeptFocus(names) {
  const group = useRef(/** @type {HTMLElement | null} */ (null));
  const isUsed = useRef(false);
  useEffect(() => {
    if (!isUsed.current || document.activeElement !== document.body) return;
    isUsed.current = false;
    (group.current?.querySelector("button") ?? document.querySelector("main"))?.focus();
  }, [names]);
  const onUse = () => {
    isUsed.current = true;
  };
  return { group, onUse };
}

/**
 * @param {Api.Campaign} campaign
 * @returns {import("../../ui/overlays.js").MenuItem[]}
 */
function menuItems({ id, launched_at: launched }) {
  const t = texts("campaign");
  const copy = async () => {
    const { id: other } = await mutate(() => campaigns.copy(id), "/api/campaigns");
    navigate(`/campaigns/${other}/edit`, { notice: t.actions.copied() });
  };
  const resend = async () => {
    const { id: other } = await mutate(() => campaigns.resend(id), "/api/campaigns");
    navigate(`/campaigns/${other}/edit`, { notice: t.actions.resent() });
  };
  const save = async () => download(`messages-${id}.csv`, await campaigns.messagesCsv(id), "text/csv");
  return [
    { label: t.actions.copy(), icon: "copy", onSelect: () => runAction(copy) },
    ...(launched
      ? [
          /** @type {const} */ ({ label: t.actions.resend(), icon: "send", onSelect: () => runAction(resend) }),
          /** @type {const} */ ({ label: t.actions.download(), icon: "download", onSelect: () => runAction(save) }),
          /** @type {const} */ ({ label: t.actions.print(), icon: "print", onSelect: printPage }),
        ]
      : []),
  ];
}

/** Opens the browser's print window, after the menu is closed: then it is in no picture of the page. */
const printPage = () => setTimeout(() => print());

/**
 * Asks where an action cannot be taken back, and sends its request.
 *
 * @param {Exclude<ActionName, "schedule" | "unknown">} name
 * @param {Api.Campaign} campaign
 * @param {Api.Statistics | null} statistics
 */
async function perform(name, campaign, statistics) {
  const question = await questionOf(name, campaign, statistics);
  if (question && !(await ask(question))) return;
  await mutate(() => campaigns[name](campaign.id), "/api/campaigns");
}

/**
 * @param {Exclude<ActionName, "schedule" | "unknown">} name
 * @param {Api.Campaign} campaign
 * @param {Api.Statistics | null} statistics
 */
async function questionOf(name, campaign, statistics) {
  const t = texts("campaign");
  if (name === "cancel") return cancelQuestion(t, campaign, statistics);
  if (name === "retry" && statistics) return retryQuestion(t, statistics);
  if (name !== "launch") return null;
  const preview = await segments.preview(await currentRule(campaign));
  return { title: t.launching.title(reachOf(preview)), text: t.launching.text(), confirm: t.launching.confirm() };
}

/**
 * @param {Ui.Texts["campaign"]} t
 * @param {Pick<Api.Campaign, "launched_at">} campaign
 * @param {Pick<Api.Statistics, "pending" | "audience_complete"> | null} statistics
 */
export function cancelQuestion(t, { launched_at: launched }, statistics) {
  const { title, confirm, dismiss } = t.cancelling;
  const text = launched && statistics ? cancelText(t, statistics) : t.cancelling.unlaunched();
  return { title: title(), text, confirm: confirm(), dismiss: dismiss(), isDanger: true };
}

/**
 * @param {Ui.Texts["campaign"]} t
 * @param {Pick<Api.Statistics, "pending" | "audience_complete">} statistics
 */
function cancelText(t, { pending, audience_complete: isComplete }) {
  if (isComplete && !pending) return t.cancelling.nothingLeft();
  return [pending && t.cancelling.pending(pending), !isComplete && t.cancelling.selecting()].filter(Boolean).join(" ");
}

/**
 * @param {Ui.Texts["campaign"]} t
 * @param {Pick<Api.Statistics, "failed" | "retryable">} statistics
 */
export function retryQuestion(t, { failed, retryable }) {
  const others = failed - retryable;
  const text = [t.retrying.text(), others > 0 && t.retrying.others(others)].filter(Boolean).join(" ");
  return { title: t.retrying.title(retryable), text, confirm: t.retrying.confirm(retryable) };
}

/**
 * The rule that a launch would use now. The segment may have changed since the campaign was created.
 *
 * @param {Pick<Api.Campaign, "segment_id" | "rule" | "channel">} campaign
 * @param {AbortSignal} [signal]
 * @returns {Promise<Api.RuleInput>}
 */
export async function currentRule({ segment_id: segment, rule, channel }, signal) {
  const current = segment ? (await segments.get(segment, signal)).rule : rule;
  return { rules: current?.tree, channel };
}
