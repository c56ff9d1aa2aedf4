/** How a campaign is told in words: where it stands, what waits, and why somebody got it or not. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { availableActions, cancelQuestion, retryQuestion } from "../../static_site/pages/campaign/actions.js";
import { toSteps } from "../../static_site/pages/campaign/activity.js";
import { failedReasons, skippedReasons } from "../../static_site/pages/campaign/reasons.js";
import { liftTexts } from "../../static_site/pages/campaign/results.js";
import {
  causeText,
  isChanging,
  progressShare,
  standing,
  waitingTexts,
} from "../../static_site/pages/campaign/standing.js";
import { factText, whySentences } from "../../static_site/pages/campaign/why.js";
import { isActive, tabCount } from "../../static_site/pages/campaigns/list_page.js";
import { attentionText, stepsOf } from "../../static_site/pages/home/home_page.js";
import t from "../../static_site/texts/campaign/en.js";
import hindi from "../../static_site/texts/campaign/hi.js";
import { dateTime, number, setLocale } from "../../static_site/texts/format.js";
import home from "../../static_site/texts/home/en.js";

setLocale("en-IN");

const numbers = {
  audience: 1204,
  sent: 1080,
  failed: 121,
  skipped: 3,
  unknown: 0,
  pending: 0,
  audience_complete: true,
};

test("the sentence has all numbers, in both languages", () => {
  assert.equal(t.sentence(numbers), "1,204 people: 1,080 sent, 121 failed, 3 skipped, 0 pending.");
  assert.match(hindi.sentence(numbers), /1,204.*1,080.*121.*3.*0/);
  assert.match(t.sentence({ ...numbers, audience: 1 }), /^1 person:/);
  const unknown = { ...numbers, sent: 1078, unknown: 2 };
  assert.equal(t.sentence(unknown), "1,204 people: 1,078 sent, 121 failed, 3 skipped, 2 unknown, 0 pending.");
  assert.equal(t.progress.chart(unknown), "Of 1,204 people: 1,078 sent, 121 failed, 3 skipped, 2 unknown, 0 pending");
  assert.match(hindi.sentence(unknown), /1,078.*121.*3.*2 का पता नहीं.*0/);
});

test("a cancelled campaign is never 100 % done", () => {
  const cancelled = { ...numbers, sent: 29, failed: 0, skipped: 1175 };
  assert.deepEqual(progressShare("cancelled", cancelled), { kind: "sent", text: "2.4%" });
  const text = standing(t, { state: "cancelled", finished_at: null }, cancelled);
  assert.equal(text, "Cancelled: 2.4% of the audience got the message.");
});

test("a running campaign is 100 % done only when nothing is left", () => {
  const almost = { audience: 100_000, sent: 99_999, failed: 0, skipped: 0, pending: 1 };
  assert.deepEqual(progressShare("running", almost), { kind: "done", text: "99.9%" });
  assert.equal(progressShare("running", { ...almost, pending: 0 }).text, "100%");
  assert.equal(progressShare("running", { ...almost, audience: 0, pending: 0 }).text, "0%");
});

test("an audience that is not complete yet is said to be so", () => {
  const selecting = { ...numbers, audience_complete: false };
  assert.match(standing(t, { state: "running", finished_at: null }, selecting), /still being selected/);
});

test("numbers are followed closely while they change, also after a cancellation", () => {
  assert.ok(isChanging({ state: "running" }));
  assert.ok(isChanging({ state: "cancelled", pending: 2 }));
  assert.ok(!isChanging({ state: "cancelled", pending: 0, finished_at: "2026-11-23T12:00:00Z" }));
  assert.ok(!isChanging({ state: "finished" }));
  assert.ok(isChanging({ state: "scheduled", start_at: "2026-11-23T12:00:30Z" }, Date.parse("2026-11-23T12:00:00Z")));
  assert.ok(!isChanging({ state: "scheduled", start_at: "2026-11-23T13:00:00Z" }, Date.parse("2026-11-23T12:00:00Z")));
});

const waiting = (campaign, deferred) => waitingTexts(t, campaign, deferred).map(({ text }) => text);

test("each reason for waiting has a text, and the vendor's is the first", () => {
  assert.deepEqual(waiting({ state: "running", per_minute: 60 }, { rate: 2000, vendor: 12 }), [
    "12 messages wait because the vendor is not available. Sending goes on by itself.",
    `${number(2000)} messages wait because of the rate limit: at most 60 messages per minute.`,
  ]);
  assert.deepEqual(waiting({ state: "running", per_minute: null }, { rate: 1 }), [
    "1 message waits because of the rate limit of the vendor.",
  ]);
  assert.deepEqual(waiting({ state: "running", per_minute: null }, { paused: 2 }), [
    "2 messages wait after the pause. Sending goes on by itself.",
  ]);
});

test("a paused or cancelled campaign defers all messages, whatever their first reason was", () => {
  const deferred = { paused: 3, rate: 4, vendor: 5 };
  assert.deepEqual(waiting({ state: "paused" }, deferred), ["12 messages wait until the campaign is resumed."]);
  assert.match(waiting({ state: "cancelled" }, deferred)[0], /^12 messages are about to be skipped/);
  assert.deepEqual(waiting({ state: "paused" }, { paused: 0 }), []);
});

test("the actions are those that the state allows", () => {
  assert.deepEqual(availableActions({ state: "finished" }, { retryable: 0 }), []);
  assert.deepEqual(availableActions({ state: "finished" }, { retryable: 2 }), ["retry"]);
  assert.deepEqual(availableActions({ state: "running" }, { retryable: 2 }), ["pause", "retry", "cancel"]);
  assert.deepEqual(availableActions({ state: "paused" }, { retryable: 2 }), ["resume", "cancel"]);
  assert.deepEqual(availableActions({ state: "scheduled" }, null), ["launch", "schedule", "cancel"]);
  assert.deepEqual(availableActions({ state: "draft" }, null), []);
  const unknown = { retryable: 0, unknown: 3 };
  assert.deepEqual(availableActions({ state: "finished" }, unknown), ["unknown"]);
  assert.deepEqual(availableActions({ state: "running" }, unknown), ["pause", "unknown", "cancel"]);
  assert.deepEqual(availableActions({ state: "cancelled" }, unknown), []);
});

test("the questions say what the action does, with numbers", () => {
  const cancel = cancelQuestion(t, { launched_at: "2026-11-23T12:00:00Z" }, { pending: 40, audience_complete: true });
  assert.match(cancel.text, /^40 people will get no message\. .*cannot be undone\.$/);
  assert.ok(cancel.isDanger);
  assert.equal(cancelQuestion(t, { launched_at: null }, null).text, t.cancelling.unlaunched());
  const retry = retryQuestion(t, { failed: 12, retryable: 5 });
  assert.equal(retry.title, "Send again to 5 people?");
  assert.match(retry.text, /7 messages failed for good/);
});

const message = (changes) => ({ state: "sent", reason: null, cause: null, history: [], ...changes });
const explanation = (changes) => ({
  in_audience: true,
  matches: true,
  excluded: null,
  deferred: null,
  message: null,
  ...changes,
});
const why = (changes, isLaunched = true) => whySentences(t, explanation(changes), isLaunched);

test("the first words say that a message failed, why, and whether it is tried again", () => {
  const failed = (code, retryable) =>
    why({ message: message({ state: "failed", reason: "550 5.1.1 no such user", cause: { code, retryable } }) });
  assert.deepEqual(failed("no_mailbox", false), [
    "It failed: the mailbox does not exist.",
    "It will not be tried again.",
  ]);
  assert.deepEqual(failed("mailbox_full", true), [
    "It failed: the mailbox is full.",
    "The reason is temporary: it can be sent again.",
  ]);
  assert.equal(failed("rejected", false)[0], "It failed: 550 5.1.1 no such user.");
});

test("a skipped, a sent and a waiting message are told apart", () => {
  const until = "2026-11-23T12:00:00Z";
  assert.deepEqual(why({ message: message({ state: "skipped", reason: "no_consent" }) }), [
    "They got no message: no consent.",
  ]);
  assert.deepEqual(why({ message: message({}) }), ["They got it: the message was sent."]);
  const unknown = (code) => why({ message: message({ state: "unknown", cause: { code, retryable: false } }) });
  assert.deepEqual(unknown("no_report"), [
    "We do not know whether it arrived: the vendor did not answer, and asking again could send it twice.",
    "Herald does not send it again by itself.",
  ]);
  assert.match(unknown("suppressed")[0], /it may have been sent before, and now the address is suppressed\.$/);
  assert.deepEqual(why({ message: message({ history: [{ kind: "delivered" }] }) }), [
    "They got it: the message was delivered.",
  ]);
  assert.deepEqual(why({ deferred: { reason: "vendor", until }, message: message({ state: "pending" }) }), [
    `The message waits because the vendor is not available. Herald tries again by itself, not before ${dateTime(until)}.`,
  ]);
  assert.deepEqual(why({ deferred: { reason: "rate", until } }), ["The message waits because of the rate limit."]);
  assert.deepEqual(why({}), ["The message is not written yet."]);
});

test("somebody outside of the audience, and data that changed since", () => {
  assert.deepEqual(why({ in_audience: false, matches: false }), [t.why.notIn()]);
  assert.deepEqual(why({ in_audience: false }), [t.why.notIn(), t.why.matchesNow()]);
  assert.deepEqual(why({ matches: null, message: message({}) }), [t.why.sent(), t.why.erased()]);
  assert.deepEqual(why({ in_audience: null }), [t.why.notChecked()]);
});

test("before the launch the sentences say what would happen", () => {
  assert.deepEqual(why({ in_audience: null }, false), [t.why.wouldGet()]);
  assert.deepEqual(why({ in_audience: null, matches: false }, false), [t.why.wouldNotGet()]);
  assert.deepEqual(why({ in_audience: null, excluded: "no_address" }, false), ["They would not get it: no address."]);
});

test("a customer's value is shown in the reader's format", () => {
  assert.equal(factText(t, 12500.5), number(12500.5));
  assert.equal(factText(t, "2026-11-23T12:00:00Z"), dateTime("2026-11-23T12:00:00Z"));
  assert.equal(factText(t, ["vip", "new"]), "vip, new");
  assert.equal(factText(t, true), "yes");
  assert.equal(factText(hindi, true), "हाँ");
  assert.equal(factText(t, null), null);
});

test("the lift is told as more or fewer people, and chance is called chance", () => {
  const groups = { messaged: { people: 9000, ordered: 468 }, held_out: { people: 1000, ordered: 41 } };
  /** @param {number} low @param {number} high */
  const told = (low, high) => liftTexts(t.results, { ...groups, difference: (low + high) / 2, low, high });
  assert.deepEqual(told(0.0024, 0.034), [
    "With the message 5.2% of 9,000 people ordered; of those held out, 4.1% of 1,000 people.",
    "Of 1,000 people, between 2.4 and 34 more ordered than without the message, 19 times of 20.",
    "Of all who were to get it: between 22 and 306 more.",
  ]);
  assert.match(told(-0.003, 0.011)[1], /between 3 fewer and 11 more/);
  assert.match(told(-0.003, 0.011)[2], /may be chance/);
  assert.match(told(-0.02, -0.004).join(" "), /between 4 and 20 fewer.*between 36 and 180 fewer/);
  assert.match(liftTexts(hindi.results, { ...groups, difference: 0, low: -0.003, high: 0.011 })[1], /3 कम से 11 ज़्यादा/);
});

test("reasons are in plain words, the most frequent first; unknown ones in the vendor's words", () => {
  const failed = [
    { code: "mailbox_full", reason: "The mailbox is full.", count: 12 },
    { code: "rejected", reason: "421 go away", count: 2 },
  ];
  assert.deepEqual(failedReasons(t, { failed_reasons: failed }), [
    { reason: "The mailbox is full.", label: "the mailbox is full", detail: "The mailbox is full.", count: 12 },
    { reason: "421 go away", label: "421 go away", detail: null, count: 2 },
  ]);
  const skipped = skippedReasons(t, { skipped_reasons: { no_address: 1, no_consent: 5, erased: 0 } });
  assert.deepEqual(
    skipped.map(({ label, count }) => [label, count]),
    [
      ["no consent", 5],
      ["no address", 1],
    ],
  );
  assert.equal(causeText(t, "some_new_code"), "some new code");
});

test("the tabs count the states that they show", () => {
  const counts = { draft: 2, running: 1, paused: 3, scheduled: 4, finished: 5, cancelled: 6 };
  assert.deepEqual(
    ["all", "running", "scheduled", "drafts", "done"].map((tab) => tabCount(counts, tab)),
    [21, 4, 4, 2, 11],
  );
});

test("a list is followed closely while a campaign can change", () => {
  const now = Date.parse("2026-11-23T12:00:00Z");
  const campaign = (state, start_at = null, finished_at = null) => ({ state, start_at, finished_at });
  assert.ok(isActive(campaign("running"), now));
  assert.ok(isActive(campaign("scheduled", "2026-11-23T12:00:10Z"), now));
  assert.ok(!isActive(campaign("scheduled", "2026-11-23T14:00:00Z"), now));
  assert.ok(!isActive(campaign("paused"), now));
});

test("the checklist of home follows what is there", () => {
  const steps = stepsOf({ has_customers: true, has_segment: false, has_draft: true, has_launched: false });
  assert.deepEqual(
    steps.map(({ isDone }) => isDone),
    [true, false, true, false],
  );
});

test("what needs attention is said with its numbers", () => {
  const text = (item) => attentionText(home.attention, { count: null, share: null, detail: null, ...item });
  assert.equal(text({ code: "failures", count: 121, share: 0.1 }), "failed for 121 people, 10% of those it wrote to.");
  assert.equal(text({ code: "start_error", detail: "No vendor." }), "could not start. No vendor.");
  assert.equal(text({ code: "vendor_deferred", count: 1 }), "waits for the vendor with 1 message.");
  assert.match(text({ code: "discrepancy" }), /do not agree/);
});

test("what one member does several times on end is one step of the activity", () => {
  const actions = ["change asha", "change asha", "change ravi", "change asha", "launch asha"].map((action, index) => {
    const [what, who] = action.split(" ");
    return { id: String(index), what, who, when: `2026-11-28T10:0${9 - index}:00Z` };
  });
  assert.deepEqual(
    toSteps(actions).map(({ what, who, times, when }) => [what, who, times, when.slice(14, 16)]),
    [
      ["change", "asha", 2, "09"],
      ["change", "ravi", 1, "07"],
      ["change", "asha", 1, "06"],
      ["launch", "asha", 1, "05"],
    ],
  );
  assert.deepEqual(toSteps([]), []);
});
