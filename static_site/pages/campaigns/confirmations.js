/** The confirmations before actions that cannot be undone. */

import { segments } from "../../api.js";
import { el } from "../../dom/dom.js";
import { number, plural } from "../../texts/format.js";
import { excludedText, reachOf } from "../../texts/reach.js";
import { startTimeField } from "./start_time.js";

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

/**
 * @param {Api.RuleInput} rule Without a `channel` it is for e-mail.
 * @returns {Promise<Ui.Confirmation>}
 */
export async function launchConfirmation(rule) {
  const preview = await segments.preview(rule);
  const content = [
    el("p", {}, reached(preview), " will get a message. Sending starts immediately."),
    ...excluded(preview),
    el("p", { class: "description" }, preview.words),
    el("p", { class: "muted" }, "Messages that were sent cannot be taken back. You can pause or cancel the others."),
  ];
  return { title: "Launch this campaign?", content, confirm: "Launch now" };
}

/**
 * @param {Api.RuleInput} rule
 * @param {string | null} [at] The start time so far.
 * @returns {Promise<Ui.Confirmation>}
 */
export async function scheduleConfirmation(rule, at) {
  const preview = await segments.preview(rule);
  const content = [
    startTimeField(at),
    el("p", {}, "The audience is selected at the start time. Now it would be ", reached(preview), "."),
    ...excluded(preview),
    el("p", { class: "description" }, preview.words),
  ];
  return { title: "When should the campaign start?", content, confirm: "Schedule" };
}

/** @param {Api.Preview} preview */
const reached = (preview) => el("strong", {}, plural(reachOf(preview), "customer"));

/** @param {Api.Preview} preview */
const excluded = (preview) => [excludedText(preview)].filter(Boolean).map((text) => el("p", {}, text));

/**
 * @param {Api.Campaign} campaign
 * @param {Api.Statistics | null} statistics
 * @returns {Ui.Confirmation}
 */
export function cancelConfirmation(campaign, statistics) {
  const isLaunched = campaign.launched_at && statistics;
  return {
    title: "Cancel this campaign?",
    content: [el("p", {}, isLaunched ? skippedText(statistics) : "No message was sent, and none will be sent.")],
    confirm: "Cancel permanently",
    dismiss: "Keep the campaign",
  };
}

/** @param {Api.Statistics} statistics */
function skippedText({ pending, audience_complete: isComplete }) {
  const sent = "Messages that were sent stay sent.";
  if (isComplete && !pending) return `All messages were sent already. ${sent}`;
  const selecting = isComplete ? "" : " The audience is still being selected: the other people are skipped, too.";
  return `${plural(pending, "pending message")} will be skipped permanently.${selecting} ${sent}`;
}

/**
 * @param {Api.Statistics | null} statistics
 * @returns {Ui.Confirmation}
 */
export function retryConfirmation(statistics) {
  const { failed, retryable } = statistics ?? { failed: 0, retryable: 0 };
  const others = failed - retryable;
  const content = [
    el("p", {}, "Their messages failed for a temporary reason. Nobody else gets a message."),
    others > 0 && el("p", { class: "muted" }, `${plural(others, "message")} failed permanently. They are not retried.`),
  ];
  const title = `Send again to ${plural(retryable, "person", "people")}?`;
  return { title, content, confirm: `Send again to ${number(retryable)}` };
}
