/** The actions on a campaign in each state: the label of the button, the confirmation, and the request. */

import { campaigns } from "../../api.js";
import { openDialog } from "../../dom/dialog.js";
import {
  cancelConfirmation,
  currentRule,
  launchConfirmation,
  retryConfirmation,
  scheduleConfirmation,
} from "./confirmations.js";
import { startTimeFrom } from "./start_time.js";

/** @typedef {"launch" | "schedule" | "pause" | "resume" | "retry" | "cancel"} ActionName */

/**
 * @typedef {{
 *   label: string | ((campaign: Api.Campaign) => string),
 *   kind?: string,
 *   confirmation?: (campaign: Api.Campaign, statistics: Api.Statistics | null) => Promise<Ui.Confirmation>,
 *   send: (campaign: Api.Campaign, form?: HTMLFormElement) => Promise<unknown>,
 * }} Action
 */

/** @type {Record<Api.CampaignState, ActionName[]>} */
const ACTIONS_BY_STATE = {
  draft: ["launch", "schedule"],
  scheduled: ["launch", "schedule", "cancel"],
  running: ["pause", "retry", "cancel"],
  paused: ["resume", "cancel"],
  finished: ["retry"],
  cancelled: [],
};

/**
 * The names of the available actions. Retry needs a message that can be sent again.
 *
 * @param {Pick<Api.Campaign, "state">} campaign
 * @param {Pick<Api.Statistics, "retryable"> | null} statistics
 */
export const availableActions = ({ state }, statistics) =>
  ACTIONS_BY_STATE[state].filter((name) => name !== "retry" || (statistics?.retryable ?? 0) > 0);

/** @type {Record<ActionName, Action>} */
const ACTIONS = {
  launch: {
    label: "Launch",
    kind: "primary",
    confirmation: async (campaign) => launchConfirmation(await currentRule(campaign)),
    send: ({ id }) => campaigns.launch(id),
  },
  schedule: {
    label: ({ state }) => (state === "draft" ? "Schedule" : "Change start time"),
    confirmation: async (campaign) => scheduleConfirmation(await currentRule(campaign), campaign.start_at),
    send: async ({ id }, form) => campaigns.launch(id, form && startTimeFrom(form)),
  },
  pause: { label: "Pause", send: ({ id }) => campaigns.pause(id) },
  resume: { label: "Resume", kind: "primary", send: ({ id }) => campaigns.resume(id) },
  retry: {
    label: "Retry failed",
    confirmation: async (_, statistics) => retryConfirmation(statistics),
    send: ({ id }) => campaigns.retry(id),
  },
  cancel: {
    label: "Cancel campaign",
    kind: "danger",
    confirmation: async (campaign, statistics) => cancelConfirmation(campaign, statistics),
    send: ({ id }) => campaigns.cancel(id),
  },
};

/**
 * @param {ActionName} name
 * @param {Api.Campaign} campaign
 */
export function actionLabel(name, campaign) {
  const { label } = ACTIONS[name];
  return typeof label === "string" ? label : label(campaign);
}

/** @param {ActionName} name */
export const actionKind = (name) => ACTIONS[name].kind;

/**
 * Runs an action, after the reader has confirmed it. `attempt(send)` runs the request.
 *
 * @param {ActionName} name
 * @param {{campaign: Api.Campaign, statistics: Api.Statistics | null, attempt: Ui.Attempt}} options
 */
export async function runAction(name, { campaign, statistics, attempt }) {
  const { confirmation, send } = ACTIONS[name];
  if (!confirmation) return attempt(() => send(campaign));
  const texts = await confirmation(campaign, statistics);
  await openDialog({ ...texts, work: (form) => attempt(() => send(campaign, form)) });
}
