/** What waits in words, and what can be done in which state. Run by `node --test`. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { number } from "../../static_site/format.js";
import { possible } from "../../static_site/pages/actions.js";
import { waiting } from "../../static_site/pages/waiting.js";

const texts = (campaign, held) => waiting(campaign, held).map(({ text }) => text);

test("each reason is said in words, the vendor's trouble first", () => {
  assert.deepEqual(texts({ state: "running", per_minute: 60 }, { rate: 2000, vendor: 12 }), [
    "12 messages wait because the vendor is down; they go out by themselves when it answers again.",
    `${number(2000)} messages wait for their turn: at most 60 a minute go out.`,
  ]);
});

test("a rate that is not the campaign's own is the vendor's", () => {
  const [text] = texts({ state: "running", per_minute: null }, { rate: 1 });
  assert.equal(text, "1 message waits for its turn: the vendor takes only so many a minute.");
});

test("a paused or cancelled campaign keeps them all, whatever they waited for before", () => {
  const held = { paused: 3, rate: 4, vendor: 5 };
  const paused = texts({ state: "paused", per_minute: 60 }, held);
  assert.deepEqual(paused, ["12 messages wait because the campaign is paused, until it is resumed."]);
  const cancelled = texts({ state: "cancelled" }, held);
  assert.deepEqual(cancelled, ["12 messages wait to be skipped, as the campaign is cancelled."]);
});

test("where nothing waits nothing is said", () => {
  assert.deepEqual(waiting({ state: "running" }, {}), []);
  assert.deepEqual(waiting({ state: "paused" }, { paused: 0 }), []);
});

test("sending again is offered only where there is somebody to send to, and the state allows it", () => {
  assert.deepEqual(possible({ state: "finished" }, { retryable: 0 }), []);
  assert.deepEqual(possible({ state: "finished" }, { retryable: 2 }), ["retry"]);
  assert.deepEqual(possible({ state: "running" }, { retryable: 2 }), ["pause", "retry", "cancel"]);
  assert.deepEqual(possible({ state: "paused" }, { retryable: 2 }), ["resume", "cancel"]);
  assert.deepEqual(possible({ state: "draft" }, null), ["launch", "schedule"]);
});
