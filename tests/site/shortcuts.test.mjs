/** The keys of the keyboard. Run by `node --test`. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { ROUTES } from "../../static_site/routes.js";
import { actionOf, keyReader, PAGES } from "../../static_site/shortcuts/keys.js";

const RESTING = { isTyping: false, isAfterPrefix: false };
const press = (key, state = {}, modifiers = {}) =>
  actionOf({ key, metaKey: false, ctrlKey: false, altKey: false, ...modifiers }, { ...RESTING, ...state });

test("a letter goes to a page only after g", () => {
  assert.equal(press("c"), null);
  assert.equal(press("g"), "prefix");
  assert.equal(press("c", { isAfterPrefix: true }), "c");
  assert.equal(press("x", { isAfterPrefix: true }), null);
});

test("while the reader types, only the search for anything answers", () => {
  for (const key of ["?", "/", "n", "g"]) {
    assert.equal(press(key, { isTyping: true }), null);
    assert.notEqual(press(key), null);
  }
  assert.equal(press("k", { isTyping: true }, { ctrlKey: true }), "find");
  assert.equal(press("K", {}, { metaKey: true }), "find");
});

test("the keys of the browser stay its own", () => {
  for (const key of ["n", "g", "/"]) assert.equal(press(key, {}, { ctrlKey: true }), null);
  assert.equal(press("n", {}, { altKey: true }), null);
});

test("each letter goes to a page that there is", () => {
  const patterns = ROUTES.map(([pattern]) => pattern);
  for (const { href } of Object.values(PAGES)) assert.ok(patterns.includes(href), href);
});

test("g waits a moment for its letter", () => {
  const read = keyReader(() => false);
  const at = (key, timeStamp) => read({ key, timeStamp, metaKey: false, ctrlKey: false, altKey: false });
  assert.deepEqual([at("g", 0), at("s", 900), at("s", 1000)], ["prefix", "s", null]);
  assert.deepEqual([at("g", 5000), at("s", 7000)], ["prefix", null]);
});
