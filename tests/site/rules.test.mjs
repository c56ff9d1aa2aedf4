/** What the builder makes of a rule, and back. Run by `node --test`. */

import assert from "node:assert/strict";
import { test } from "node:test";

import {
  comparisonsFor,
  conditionOn,
  groupsFrom,
  isComplete,
  pathOf,
  treeFrom,
  valueOf,
} from "../../static_site/audience/rules.js";

const spend = { op: ">", field: "spend", value: 10000 };
const visits = { op: "<", field: "visits", value: 3 };
const pune = { op: "=", field: "city", value: "Pune" };
const inactive = { op: "inactive", days: 90 };
const and = (...of) => ({ op: "and", of });
const or = (...of) => ({ op: "or", of });

test("a rule in the builder's own shape comes back as it was", () => {
  for (const tree of [spend, inactive, { op: "everyone" }, and(spend, visits), or(and(spend, visits), inactive)]) {
    assert.deepEqual(treeFrom(groupsFrom(tree)), tree);
  }
});

test("an OR within an AND is multiplied out to the same people", () => {
  assert.deepEqual(groupsFrom(and(or(spend, pune), visits)), [
    [spend, visits],
    [pune, visits],
  ]);
  assert.deepEqual(groupsFrom(or(or(spend, pune), visits)), [[spend], [pune], [visits]]);
});

test("what the builder can't show it does not take", () => {
  assert.equal(groupsFrom({ op: "not", of: [spend] }), null);
  assert.equal(groupsFrom(or(spend, { op: "between", field: "spend", from: 1, to: 2 })), null);
  const wide = or(...Array(4).fill(spend));
  assert.equal(groupsFrom(and(wide, wide, wide, wide, wide, wide, wide, wide)), null);
});

test("an error's path leads to its row", () => {
  assert.equal(pathOf([[spend]], 0, 0), "rules");
  assert.equal(pathOf([[spend, visits]], 0, 1), "rules.of.1");
  assert.equal(pathOf([[spend], [inactive]], 1, 0), "rules.of.1");
  assert.equal(pathOf([[spend, visits], [inactive]], 0, 1), "rules.of.0.of.1");
});

test("what is typed becomes a value of the field's kind, or none", () => {
  assert.equal(valueOf("number", " 12.5 "), 12.5);
  assert.equal(valueOf("number", "0"), 0);
  assert.equal(valueOf("number", "many"), null);
  assert.equal(valueOf("number", " "), null);
  assert.equal(valueOf("text", " Pune "), "Pune");
  assert.equal(valueOf("date", "2026-01-31"), "2026-01-31");
});

test("a new condition is incomplete until it has its value", () => {
  for (const subject of ["spend", "city", "last_active_at", "inactive"]) assert.ok(!isComplete(conditionOn(subject)));
  assert.ok(isComplete(conditionOn("everyone")));
  assert.ok(isComplete({ op: "=", field: "visits", value: 0 }));
});

test("texts are offered an order only where they have one already", () => {
  assert.deepEqual(Object.keys(comparisonsFor(pune)), ["=", "!="]);
  assert.ok(">" in comparisonsFor({ ...pune, op: ">" }));
  assert.ok(">" in comparisonsFor(spend));
  assert.equal(comparisonsFor(conditionOn("last_active_at"))[">"], "is after");
});
