/** How many of the matching customers get a message. Run by `node --test`. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { reachOf } from "../../static_site/texts/reach.js";

test("excluded customers get no message", () => {
  assert.equal(reachOf({ count: 2010, excluded: { no_address: 6, no_consent: 4 } }), 2000);
  assert.equal(reachOf({ count: 3, excluded: {} }), 3);
});
