/** What can be done to a campaign in each state, and how: what the button says, what is asked first, what is sent. */

import { campaigns } from "../api.js";
import { ask } from "../dialog.js";
import { cancelQuestion, currentRule, launchQuestion, retryQuestion, startQuestion } from "./questions.js";
import { startFrom } from "./start.js";

const POSSIBLE = {
  draft: ["launch", "schedule"],
  scheduled: ["launch", "schedule", "cancel"],
  running: ["pause", "retry", "cancel"],
  paused: ["resume", "cancel"],
  finished: ["retry"],
  cancelled: [],
};

/** The names of the actions. Retrying is one only where there is somebody to be sent to again. */
export const possible = ({ state }, statistics) =>
  POSSIBLE[state].filter((name) => name !== "retry" || statistics?.retryable > 0);

export const ACTIONS = {
  launch: {
    label: () => "Launch",
    kind: "primary",
    question: async (campaign) => launchQuestion(await currentRule(campaign)),
    send: ({ id }) => campaigns.launch(id),
  },
  schedule: {
    label: ({ state }) => (state === "draft" ? "Schedule" : "Change the start"),
    question: async (campaign) => startQuestion(await currentRule(campaign), campaign.start_at),
    send: ({ id }, form) => campaigns.launch(id, startFrom(form)),
  },
  pause: { label: () => "Pause", send: ({ id }) => campaigns.pause(id) },
  resume: { label: () => "Resume", kind: "primary", send: ({ id }) => campaigns.resume(id) },
  retry: { label: () => "Retry failed", question: retryQuestion, send: ({ id }) => campaigns.retry(id) },
  cancel: {
    label: () => "Cancel campaign",
    kind: "danger",
    question: cancelQuestion,
    send: ({ id }) => campaigns.cancel(id),
  },
};

/** Does it once the reader has agreed; `attempt(send)` runs the request. */
export async function act(name, { campaign, statistics, attempt }) {
  const { question, send } = ACTIONS[name];
  if (!question) return attempt(() => send(campaign));
  const asked = await question(campaign, statistics);
  return ask({ ...asked, work: (form) => attempt(() => send(campaign, form)) });
}
