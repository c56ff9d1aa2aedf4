/** Names that are similar to what somebody typed. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { distance, isSimilar } from "../../static_site/shortcuts/similar.js";

test("letters that are replaced, added, removed or swapped are counted", () => {
  assert.equal(distance("asha", "asha"), 0);
  assert.equal(distance("asha", "ahsa"), 1);
  assert.equal(distance("asha", "ash"), 1);
  assert.equal(distance("asha", "aasha"), 1);
  assert.equal(distance("asha", "usha"), 1);
  assert.equal(distance("", "usha"), 4);
});

test("each word occurs in the name, or begins one of its words but for a typo", () => {
  assert.ok(isSimilar("Diwali sale", "SALE diw"));
  assert.ok(isSimilar("Suppressions", "supress"));
  assert.ok(isSimilar("Diwali sale", "dwiali"));
  assert.ok(!isSimilar("Diwali sale", "dwiali pune"));
  assert.ok(!isSimilar("Home", "hme")); // too short to be forgiven
});
