/** What the builder makes of a rule, and back. Run by `node --test`. */

import assert from "node:assert/strict";
import { test } from "node:test";

import {
  compareBy,
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
  const others = [
    { op: "active", days: 30 },
    { op: "has_tag", tag: "vip" },
    { op: "is_missing", field: "city" },
    { op: "in_last", field: "created_at", days: 7 },
    { op: "contains", field: "attributes.plan", value: "gold" },
  ];
  for (const tree of [spend, inactive, { op: "everyone" }, and(spend, visits), or(and(spend, visits), ...others)]) {
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
  assert.equal(groupsFrom({ op: "not", of: spend }), null);
  assert.equal(groupsFrom({ op: ">", field: "created_at", value: { days_ago: 30 } }), null);
  assert.equal(groupsFrom({ op: "received", campaign: "Diwali" }), null);
  assert.equal(groupsFrom(or(spend, { op: "between", field: "spend", low: 1, high: 2 })), null);
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
  assert.ok(isComplete({ op: "is_set", field: "city" }));
  assert.ok(!isComplete(conditionOn("has_tag")));
  assert.ok(!isComplete({ op: "in_last", field: "created_at", days: null }));
});

test("texts are offered an order only where they have one already", () => {
  const plain = ["=", "!=", "contains", "starts_with", "is_set", "is_missing"];
  assert.deepEqual(Object.keys(comparisonsFor(pune)), plain);
  assert.ok(">" in comparisonsFor({ ...pune, op: ">" }));
  assert.ok(">" in comparisonsFor(spend));
  assert.equal(comparisonsFor(conditionOn("last_active_at"))[">"], "is after");
});

test("another comparison keeps what it still needs", () => {
  assert.deepEqual(compareBy(pune, "contains"), { op: "contains", field: "city", value: "Pune" });
  assert.deepEqual(compareBy(pune, "is_set"), { op: "is_set", field: "city" });
  assert.deepEqual(compareBy({ op: "is_set", field: "city" }, "="), { op: "=", field: "city", value: null });
  const added = { op: "<", field: "created_at", value: "2026-01-31" };
  assert.deepEqual(compareBy(added, "in_last"), { op: "in_last", field: "created_at", days: null });
});
