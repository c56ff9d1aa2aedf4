/** Why somebody got a message or did not, in words. Run by `node --test`. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { moment } from "../../static_site/format.js";
import { answer, theirs } from "../../static_site/pages/why_words.js";

const why = (changes) => ({ in_audience: true, matches: true, left_out: null, waits: null, message: null, ...changes });
const SENT = { state: "sent" };

test("who was found and written to has nothing more to be told", () => {
  assert.deepEqual(answer(why({ message: SENT }), true), [
    "They are in the audience: they were found after the launch.",
  ]);
});

test("who is not in the audience, and would be today", () => {
  assert.deepEqual(answer(why({ in_audience: false }), true), [
    "They are not in the audience: they were not found after the launch.",
    "By what is known of them today they would be: something changed since.",
  ]);
});

test("who was left out, and who was erased since", () => {
  const [, ...left] = answer(why({ left_out: "no_consent" }), true);
  assert.deepEqual(left, ["They are left out: no consent."]);
  const [, ...erased] = answer(why({ matches: null, message: SENT }), true);
  assert.deepEqual(erased, ["They were erased since."]);
});

test("before the launch it says what would be", () => {
  assert.deepEqual(answer(why({ in_audience: null, left_out: "no_address" }), false), [
    "They would be in the audience now.",
    "They would be left out: no address.",
  ]);
  assert.deepEqual(answer(why({ in_audience: null, matches: false, left_out: "no_address" }), false), [
    "They would not be in the audience now.",
  ]);
  assert.deepEqual(answer(why({ in_audience: null }), true), ["The campaign has not looked at them yet."]);
});

test("what a message waits for", () => {
  const until = "2026-11-23T12:00:00Z";
  const last = (waits) => answer(why({ waits: { reason: waits, until } }), true).at(-1);
  assert.equal(last("paused"), "It waits because the campaign is paused.");
  assert.equal(last("rate"), "It waits for its turn: only so many go out a minute.");
  assert.equal(last("vendor"), `The vendor was down; it goes out by itself, not before ${moment(until)}.`);
  assert.equal(answer(why({}), true).at(-1), "Their message is on its way to be written.");
});

test("what a person has themselves is written as the reader writes it", () => {
  assert.equal(theirs(12500.5), (12500.5).toLocaleString());
  assert.equal(theirs("2026-11-23T12:00:00Z"), moment("2026-11-23T12:00:00Z"));
  assert.equal(theirs(["vip", "new"]), "vip, new");
  assert.equal(theirs(true), "yes");
  assert.equal(theirs("Pune"), "Pune");
  assert.equal(theirs(null), null);
});
