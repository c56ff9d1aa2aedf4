/** Addresses, the values and errors of forms, the orders of tables, and the pauses of polls. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { errorsByPath, valueAt, withValue } from "../../static_site/data/form.js";
import { firstItems, pauseAfter, readShown } from "../../static_site/data/resource.js";
import { addressWith, readQuery } from "../../static_site/router.js";
import { linePoints } from "../../static_site/ui/figures.js";
import { nextSort } from "../../static_site/ui/table.js";

const DEFAULTS = { search: "", sort: "-created_at" };

test("only what differs from the defaults is in the address", () => {
  assert.equal(addressWith("/customers", "", { search: "a b" }, DEFAULTS), "/customers#search=a+b");
  assert.equal(addressWith("/customers", "search=a&other=1", { search: "" }, DEFAULTS), "/customers#other=1");
  assert.equal(addressWith("/customers", "sort=name", { sort: "-created_at" }, DEFAULTS), "/customers");
  assert.deepEqual(readQuery("search=x&unknown=1", DEFAULTS), { search: "x", sort: "-created_at" });
});

test("a value is changed at its path, and the old values stay as they are", () => {
  const before = { name: "A", message: { subject: "S", body: "B" }, rows: [{ n: 1 }, { n: 2 }] };
  const after = withValue(before, "message.body", "C");
  assert.equal(valueAt(after, "message.body"), "C");
  assert.equal(valueAt(withValue(before, "rows.1.n", 3), "rows.1.n"), 3);
  assert.equal(before.message.body, "B");
  assert.equal(after.rows, before.rows);
});

test("an error is shown at the nearest field that the form has, else at the form", () => {
  const errors = [
    { field: "rules.of.0.value", message: "wrong" },
    { field: "name", message: "empty" },
    { field: "rulesets", message: "unknown" },
  ];
  const shown = errorsByPath(errors, ["rules", "name"], ({ message }) => message);
  assert.deepEqual(shown, { rules: ["wrong"], name: ["empty"], "": ["unknown"] });
});

test("a press on a head orders by its first direction, then by the other", () => {
  assert.equal(nextSort("-created_at", "spend", "-"), "-spend");
  assert.equal(nextSort("-spend", "spend", "-"), "spend");
  assert.equal(nextSort("spend", "spend", "-"), "-spend");
  assert.equal(nextSort("name", "name"), "-name");
});

test("pauses grow while nothing changes, up to half a minute", () => {
  assert.deepEqual(
    [0, 1, 2, 20].map((unchanged) => pauseAfter(1000, unchanged)),
    [1000, 1500, 2250, 30_000],
  );
  assert.equal(pauseAfter(60_000, 3), 60_000);
});

test("the points of a line reach the edges of its box", () => {
  assert.deepEqual(linePoints([0, 5, 10], { width: 100, height: 20 }), [
    [
      [0, 20],
      [50, 10],
      [100, 0],
    ],
  ]);
});

test("a line has a gap where a value is not known", () => {
  assert.deepEqual(linePoints([10, null, null, 5, 0], { width: 100, height: 20 }), [
    [[0, 0]],
    [
      [75, 10],
      [100, 20],
    ],
  ]);
  assert.deepEqual(linePoints([], { width: 100, height: 20 }), []);
});

/** A list of `total` items by numbers, and the limits that were asked for. */
function listOf(total) {
  const limits = [];
  const load = ({ after, limit }) => {
    limits.push(limit);
    const start = Number(after ?? 0);
    const items = Array.from({ length: Math.min(limit, total - start) }, (_, index) => start + index);
    return Promise.resolve({ items, next: start + limit < total ? String(start + limit) : null, total });
  };
  return { load, limits };
}

test("an address can ask for more items than the server returns at once", async () => {
  const { load, limits } = listOf(1000);
  const page = await firstItems(load, 450);
  assert.deepEqual(limits, [200, 200, 50]);
  assert.deepEqual([page.items.length, page.items.at(-1), page.next, page.total], [450, 449, "450", 1000]);
  assert.equal((await firstItems(listOf(230).load, 450)).items.length, 230);
});

test("the number of pages in an address is at least one, and not too large", () => {
  assert.deepEqual(["3", "0", "-1", "x", "1.9", "1e9"].map(readShown), [3, 1, 1, 1, 1, 20]);
});
