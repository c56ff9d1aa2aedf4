/** The texts about deferred messages, and the actions in each state. Run by `node --test`. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { availableActions } from "../../static_site/pages/campaigns/actions.js";
import { deferredTexts } from "../../static_site/texts/deferred.js";
import { number } from "../../static_site/texts/format.js";

const texts = (campaign, deferred) => deferredTexts(campaign, deferred).map(({ text }) => text);

test("each reason has a text, and the vendor's is the first", () => {
  assert.deepEqual(texts({ state: "running", per_minute: 60 }, { rate: 2000, vendor: 12 }), [
    "12 messages wait because the vendor is not available. " +
      "Sending continues automatically when it is available again.",
    `${number(2000)} messages wait because of the rate limit: at most 60 messages per minute.`,
  ]);
});

test("a campaign without a rate limit waits for the limit of the vendor", () => {
  const [text] = texts({ state: "running", per_minute: null }, { rate: 1 });
  assert.equal(text, "1 message waits because of the rate limit of the vendor.");
});

test("messages of a running campaign can still wait after a pause", () => {
  assert.deepEqual(texts({ state: "running", per_minute: null }, { paused: 2 }), [
    "2 messages wait after the pause. Sending continues automatically.",
  ]);
});

test("a paused or cancelled campaign defers all messages, whatever their first reason was", () => {
  const deferred = { paused: 3, rate: 4, vendor: 5 };
  const paused = texts({ state: "paused", per_minute: 60 }, deferred);
  assert.deepEqual(paused, ["12 messages wait until the campaign is resumed."]);
  const cancelled = texts({ state: "cancelled" }, deferred);
  assert.deepEqual(cancelled, ["12 messages wait to be skipped, because the campaign is cancelled."]);
});

test("without deferred messages there is no text", () => {
  assert.deepEqual(deferredTexts({ state: "running" }, {}), []);
  assert.deepEqual(deferredTexts({ state: "paused" }, { paused: 0 }), []);
});

test("retry is available only with messages that can be sent again, in a state that allows it", () => {
  assert.deepEqual(availableActions({ state: "finished" }, { retryable: 0 }), []);
  assert.deepEqual(availableActions({ state: "finished" }, { retryable: 2 }), ["retry"]);
  assert.deepEqual(availableActions({ state: "running" }, { retryable: 2 }), ["pause", "retry", "cancel"]);
  assert.deepEqual(availableActions({ state: "paused" }, { retryable: 2 }), ["resume", "cancel"]);
  assert.deepEqual(availableActions({ state: "draft" }, null), ["launch", "schedule"]);
});
