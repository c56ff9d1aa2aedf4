/** The line of a segment's size. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { dailySizes } from "../../static_site/pages/segments/sizes.js";

test("a day on which nobody counted has no size", () => {
  const sizes = [
    { day: "2026-10-30", count: 7 },
    { day: "2026-10-31", count: 8 },
    { day: "2026-11-02", count: 6 },
  ];
  assert.deepEqual(dailySizes(sizes), [7, 8, null, 6]);
  assert.deepEqual(dailySizes([{ day: "2026-11-02", count: 6 }]), [6]);
  assert.deepEqual(dailySizes([]), []);
});
