/** Changes of many customers, and the selection of rows. */

import assert from "node:assert/strict";
import test from "node:test";

const { runInParts } = await import("../../static_site/pages/customers/bulk.js");
const { choiceOf } = await import("../../static_site/pages/customers/selection.js");
const { afterPress } = await import("../../static_site/ui/table.js");

const ANSWER = { changed: [], unchanged: 0, missing: 0, rejected: 0, total: 0, next: null };

test("a change is sent part by part until there is no next one", async () => {
  const answers = [
    { ...ANSWER, changed: ["a", "b"], total: 5, next: "c1" },
    { ...ANSWER, changed: ["c"], unchanged: 1, missing: 1, total: 3 },
  ];
  const [sent, shown] = [[], []];
  const result = await runInParts(
    (body) => {
      sent.push(body);
      return Promise.resolve(answers[sent.length - 1]);
    },
    { filter: "spend > 1", add: ["vip"] },
    (...progress) => shown.push(progress),
  );
  assert.deepEqual(sent, [
    { filter: "spend > 1", add: ["vip"] },
    { filter: "spend > 1", add: ["vip"], after: "c1" },
  ]);
  assert.deepEqual(result, { changed: ["a", "b", "c"], unchanged: 1, missing: 1, rejected: 0 });
  assert.deepEqual(shown, [
    [2, 5],
    [5, 5],
  ]);
});

test("many ids are sent in requests of 500", async () => {
  const ids = Array.from({ length: 1001 }, (_, index) => String(index));
  const sizes = [];
  const result = await runInParts(
    (body) => {
      sizes.push(body.ids.length);
      return Promise.resolve({ ...ANSWER, changed: body.ids });
    },
    { ids },
    () => {},
  );
  assert.deepEqual([sizes, result.changed], [[500, 500, 1], ids]);
});

test("all who match are chosen by the search and the rule, and everybody only without them", () => {
  const all = { ids: ["a"], isAll: true };
  assert.deepEqual(choiceOf({ ids: ["a"], isAll: false }, { search: "x", filter: "" }), { ids: ["a"] });
  assert.deepEqual(choiceOf(all, { search: "asha", filter: "" }), { search: "asha", filter: "" });
  assert.deepEqual(choiceOf(all, { search: " ", filter: " " }), { everybody: true });
});

test("a press selects a row, and with Shift all rows from the one before", () => {
  const order = ["a", "b", "c", "d"];
  assert.deepEqual([...afterPress(new Set(["a"]), order, "b", null)], ["a", "b"]);
  assert.deepEqual([...afterPress(new Set(["a"]), order, "a", null)], []);
  assert.deepEqual([...afterPress(new Set(["d"]), order, "b", "d")], ["d", "b", "c"]);
  assert.deepEqual([...afterPress(new Set(["b", "c", "d"]), order, "d", "b")], []);
  assert.deepEqual([...afterPress(new Set(), order, "b", "gone")], ["b"]);
});
