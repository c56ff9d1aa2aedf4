/** How many of the matching customers get a message. Run by `node --test`. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { excludedText, reachOf } from "../../static_site/texts/reach.js";

test("excluded customers get no message and are counted separately", () => {
  const preview = { count: 2010, excluded: { no_address: 6, no_consent: 4 } };
  assert.equal(reachOf(preview), 2000);
  assert.match(excludedText(preview), /^10 would be excluded: 6 .+, 4 .+\.$/);
});

test("without excluded customers there is no text about them", () => {
  const preview = { count: 3, excluded: {} };
  assert.equal(reachOf(preview), 3);
  assert.equal(excludedText(preview), "");
});
