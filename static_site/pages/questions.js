/** What is asked before something is done that can't be taken back: `{title, content, confirm, dismiss}` for `ask`. */

import { segments } from "../api.js";
import { el } from "../dom.js";
import { number, plural } from "../format.js";
import { startField } from "./start.js";

/** The rule by which a campaign would be launched now: its segment may have changed since it was created. */
export async function currentRule({ segment_id: segment, rules }, signal) {
  return { rules: segment ? (await segments.get(segment, signal)).rules : rules };
}

/** `rule` is `{text}` or `{rules}`. */
export async function launchQuestion(rule) {
  const { count, words } = await segments.preview(rule);
  const content = [
    el("p", {}, "It writes to ", el("strong", {}, plural(count, "customer")), ", beginning at once."),
    el("p", { class: "words" }, words),
    el("p", { class: "muted" }, "What is sent can't be taken back; the rest can be paused and cancelled."),
  ];
  return { title: "Launch this campaign?", content, confirm: "Launch now" };
}

export async function startQuestion(rule, at) {
  const { count, words } = await segments.preview(rule);
  const content = [
    startField(at),
    el("p", {}, "The rule finds them then. Now it finds ", el("strong", {}, plural(count, "customer")), "."),
    el("p", { class: "words" }, words),
  ];
  return { title: "When is it to start?", content, confirm: "Schedule" };
}

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
