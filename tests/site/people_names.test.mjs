/** The people in a pasted text. */

import assert from "node:assert/strict";
import test from "node:test";

const { namesIn } = await import("../../static_site/pages/segments/people_names.js");

test("names stand on lines or between commas, semicolons and tabs, and count once", () => {
  const text = '\ufeffC-1\r\nasha@example.com, bela@example.com;\n"C-2"\t+91 98123 45678\n\nC-1\n';
  assert.deepEqual(namesIn(text), ["C-1", "asha@example.com", "bela@example.com", "C-2", "+91 98123 45678"]);
});

test("an address in angle brackets is taken without the name", () => {
  assert.deepEqual(namesIn("Asha Rao <asha@example.com>; <b@c.in>"), ["asha@example.com", "b@c.in"]);
});

test("a text without names is nobody", () => {
  assert.deepEqual(namesIn(" \n,;\t "), []);
});
