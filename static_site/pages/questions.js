/** What is asked before something is done that can't be taken back: `{title, content, confirm, dismiss}` for `ask`. */

import { segments } from "../api.js";
import { leftOutLine, reachOf } from "../audience/reach.js";
import { el } from "../dom.js";
import { number, plural } from "../format.js";
import { startField } from "./start.js";

/** The rule by which a campaign would be launched now: its segment may have changed since it was created. */
export async function currentRule({ segment_id: segment, rules, channel }, signal) {
  return { rules: segment ? (await segments.get(segment, signal)).rules : rules, channel };
}

/** `rule` is `{text}` or `{rules}`, with the `channel` unless it is e-mail. */
export async function launchQuestion(rule) {
  const preview = await segments.preview(rule);
  const content = [
    el("p", {}, "It writes to ", reached(preview), ", beginning at once."),
    ...leftOut(preview),
    el("p", { class: "words" }, preview.words),
    el("p", { class: "muted" }, "What is sent can't be taken back; the rest can be paused and cancelled."),
  ];
  return { title: "Launch this campaign?", content, confirm: "Launch now" };
}

export async function startQuestion(rule, at) {
  const preview = await segments.preview(rule);
  const content = [
    startField(at),
    el("p", {}, "The rule finds them then. Now it would write to ", reached(preview), "."),
    ...leftOut(preview),
    el("p", { class: "words" }, preview.words),
  ];
  return { title: "When is it to start?", content, confirm: "Schedule" };
}

const reached = (preview) => el("strong", {}, plural(reachOf(preview), "customer"));

const leftOut = (preview) => [leftOutLine(preview)].filter(Boolean).map((line) => el("p", {}, line));

export function cancelQuestion(campaign, statistics) {
  const words = campaign.launched_at ? loss(statistics) : "Nobody was written to yet, and nobody will be.";
  const title = "Cancel this campaign?";
  return { title, content: [el("p", {}, words)], confirm: "Cancel for good", dismiss: "Leave it as it is" };
}

function loss({ pending, complete }) {
  const waiting = `${plural(pending, "person was", "people were")} not sent to yet`;
  const found = "part of the audience is still to be found";
  const rest = complete ? waiting : `${waiting}, and ${found}`;
  return complete && !pending
    ? "Everybody was sent to already; what was sent stays sent."
    : `${rest}: all of them are skipped for good. What was sent stays sent.`;
}

export function retryQuestion(campaign, { failed, retryable }) {
  const others = failed - retryable;
  const content = [
    el("p", {}, "Their message failed for a reason that may have passed. Nobody else is written to."),
    others > 0 && el("p", { class: "muted" }, `${number(others)} failed for good and are left alone.`),
  ].filter(Boolean);
  const title = `Send again to ${plural(retryable, "person", "people")}?`;
  return { title, content, confirm: `Send again to ${number(retryable)}` };
}
