/** Who of those found would be written to. Run by `node --test`. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { leftOutLine, reachOf } from "../../static_site/audience/reach.js";
import { currentRule } from "../../static_site/pages/questions.js";

test("who is left out is not written to, and counted apart", () => {
  const preview = { count: 2010, left_out: { no_address: 6, no_consent: 4 } };
  assert.equal(reachOf(preview), 2000);
  assert.match(leftOutLine(preview), /^10 would be left out: 6 .+, 4 .+\.$/);
});

test("where nobody is left out nothing is said", () => {
  const preview = { count: 3, left_out: {} };
  assert.equal(reachOf(preview), 3);
  assert.equal(leftOutLine(preview), "");
});

test("who is left out depends on the campaign's own channel", async () => {
  const rules = { op: "everyone" };
  assert.deepEqual(await currentRule({ rules, channel: "sms" }), { rules, channel: "sms" });
});
