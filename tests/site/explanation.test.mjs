/** The sentences that explain why a customer got a message or did not. Run by `node --test`. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { explanationSentences, factText } from "../../static_site/texts/explanation.js";
import { dateTime } from "../../static_site/texts/format.js";

const explanation = (changes) => ({
  in_audience: true,
  matches: true,
  excluded: null,
  deferred: null,
  message: null,
  ...changes,
});
const SENT = { state: "sent" };

test("a customer in the audience with a sent message needs one sentence", () => {
  assert.deepEqual(explanationSentences(explanation({ message: SENT }), true), [
    "The customer is in the audience: the rule matched after the launch.",
  ]);
});

test("a customer outside of the audience can match today", () => {
  assert.deepEqual(explanationSentences(explanation({ in_audience: false }), true), [
    "The customer is not in the audience: the rule did not match after the launch.",
    "The customer's data has changed: with the data of today the rule matches.",
  ]);
});

test("an exclusion and a later erasure each have a sentence", () => {
  const [, ...excluded] = explanationSentences(explanation({ excluded: "no_consent" }), true);
  assert.deepEqual(excluded, ["The customer is excluded: no consent."]);
  const [, ...erased] = explanationSentences(explanation({ matches: null, message: SENT }), true);
  assert.deepEqual(erased, ["The customer's data was erased later."]);
});

test("before the launch the sentences say what would happen", () => {
  assert.deepEqual(explanationSentences(explanation({ in_audience: null, excluded: "no_address" }), false), [
    "The customer would be in the audience now.",
    "The customer would be excluded: no address.",
  ]);
  const outside = explanation({ in_audience: null, matches: false, excluded: "no_address" });
  assert.deepEqual(explanationSentences(outside, false), ["The customer would not be in the audience now."]);
  assert.deepEqual(explanationSentences(explanation({ in_audience: null }), true), [
    "The campaign has not checked this customer yet.",
  ]);
});

test("a deferred message has a sentence with the reason", () => {
  const until = "2026-11-23T12:00:00Z";
  const last = (reason) => explanationSentences(explanation({ deferred: { reason, until } }), true).at(-1);
  assert.equal(last("paused"), "The message waits because the campaign is paused.");
  assert.equal(last("rate"), "The message waits because of the rate limit.");
  assert.equal(
    last("vendor"),
    `The vendor was not available. Herald tries again automatically, not before ${dateTime(until)}.`,
  );
  assert.equal(explanationSentences(explanation({}), true).at(-1), "The message is not written yet.");
});

test("a customer's value is shown in the reader's format", () => {
  assert.equal(factText(12500.5), (12500.5).toLocaleString());
  assert.equal(factText("2026-11-23T12:00:00Z"), dateTime("2026-11-23T12:00:00Z"));
  assert.equal(factText(["vip", "new"]), "vip, new");
  assert.equal(factText(true), "yes");
  assert.equal(factText("Pune"), "Pune");
  assert.equal(factText(null), null);
});
