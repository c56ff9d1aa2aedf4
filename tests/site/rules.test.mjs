/** The conversion of rule trees to the builder and back. Run by `node --test`. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { conditionFields, readValue, readValues, SUBJECTS, toInputText } from "../../static_site/audience/fields.js";
import {
  attributeField,
  attributeOf,
  comparisonOf,
  comparisonsFor,
  groupsFrom,
  isComplete,
  newCondition,
  pathOf,
  treeFrom,
  withComparison,
} from "../../static_site/audience/rules.js";
import { setFields } from "../../static_site/data/fields.js";
import { FIELDS } from "./fields.mjs";

setFields(FIELDS);

const spend = { op: ">", field: "spend", value: 10000 };
const visits = { op: "<", field: "visits", value: 3 };
const pune = { op: "=", field: "city", value: "Pune" };
const inactive = { op: "inactive", days: 90 };
const and = (...of) => ({ op: "and", of });
const or = (...of) => ({ op: "or", of });

test("a rule in the builder's shape is the same after conversion to groups and back", () => {
  const others = [
    { op: "active", days: 30 },
    { op: "has_tag", tag: "vip" },
    { op: "is_missing", field: "city" },
    { op: "in_last", field: "created_at", days: 7 },
    { op: "contains", field: "attributes.plan", value: "gold" },
    { op: "=", field: "consent.email", value: false },
    { op: "between", field: "spend", low: 1, high: 2 },
    { op: "in", field: "city", values: ["Pune", "Goa"] },
    { op: "not", of: { op: "in", field: "city", values: ["Pune", "Goa"] } },
    { op: "not", of: { op: ">", field: "spend", value: 5 } },
    { op: "in_segment", segment: "Lapsed" },
    { op: "received", campaign: "Diwali" },
    { op: "not", of: { op: "opened", days: 30 } },
    { op: "ordered", measure: "amount", compare: ">", value: 5000, days: 60 },
    { op: "visited", measure: "times", compare: ">=", value: 3 },
  ];
  const together = or(and(spend, visits), ...others.slice(0, 8));
  for (const tree of [spend, inactive, { op: "everyone" }, and(spend, visits), ...others, together]) {
    assert.deepEqual(treeFrom(groupsFrom(tree)), tree);
  }
});

test("an OR inside an AND is multiplied out to the same customers", () => {
  assert.deepEqual(groupsFrom(and(or(spend, pune), visits)), [
    [spend, visits],
    [pune, visits],
  ]);
  assert.deepEqual(groupsFrom(or(or(spend, pune), visits)), [[spend], [pune], [visits]]);
});

test("what the server added to a rule is left out", () => {
  const lapsed = { op: "in_segment", segment: "Lapsed", rule: spend };
  const opened = { op: "opened", campaign: "Diwali", days: null, campaigns: ["c1"] };
  assert.deepEqual(treeFrom(groupsFrom(and(lapsed, opened))), {
    op: "and",
    of: [
      { op: "in_segment", segment: "Lapsed" },
      { op: "opened", campaign: "Diwali" },
    ],
  });
});

test("a rule that the builder cannot show has no groups", () => {
  assert.equal(groupsFrom({ op: "not", of: and(spend, visits) }), null);
  assert.equal(groupsFrom({ op: ">", field: "created_at", value: { days_ago: 30 } }), null);
  assert.equal(groupsFrom({ op: "in", field: "city", values: ["Pune, Maharashtra"] }), null);
  assert.equal(groupsFrom({ op: "in", field: "created_at", values: [{ days_ago: 1 }] }), null);
  assert.equal(
    groupsFrom(or(spend, { op: "between", field: "created_at", low: { days_ago: 2 }, high: "2026-01-01" })),
    null,
  );
  const wide = or(...Array(4).fill(spend));
  assert.equal(groupsFrom(and(wide, wide, wide, wide, wide, wide, wide, wide)), null);
});

test("the path of a condition is the path of its errors", () => {
  assert.equal(pathOf([[spend]], 0, 0), "rules");
  assert.equal(pathOf([[spend, visits]], 0, 1), "rules.of.1");
  assert.equal(pathOf([[spend], [inactive]], 1, 0), "rules.of.1");
  assert.equal(pathOf([[spend, visits], [inactive]], 0, 1), "rules.of.0.of.1");
  assert.equal(pathOf([[spend, { ...visits, not: true }]], 0, 1), "rules.of.1.of");
});

test("an input is read as a value of the field's kind, or as null", () => {
  assert.equal(readValue("number", " 12.5 "), 12.5);
  assert.equal(readValue("number", "1,00,000"), 100_000);
  assert.equal(readValue("number", "0"), 0);
  assert.equal(readValue("number", "many"), null);
  assert.equal(readValue("number", " "), null);
  assert.equal(readValue("text", " Pune "), "Pune");
  assert.equal(readValue("date", "2026-01-31"), "2026-01-31");
  assert.equal(readValue("flag", "no"), false);
  assert.equal(readValue("flag", ""), null);
});

test("a value of an attribute has the kind that it looks like, or is a text in quotes", () => {
  for (const value of ["gold", "5", 5, 0, true, false, "yes", "2026-01-31"]) {
    assert.equal(readValue("any", toInputText("any", value)), value);
  }
  assert.equal(toInputText("any", "5"), '"5"');
});

test("several values are separated by commas", () => {
  assert.deepEqual(readValues("text", "Pune, Goa,"), ["Pune", "Goa"]);
  assert.deepEqual(readValues("number", "0, 5"), [0, 5]);
  assert.equal(readValues("number", "0, many"), null);
  assert.equal(readValues("text", " , "), null);
  assert.equal(toInputText("text", ["Pune", "Goa"]), "Pune, Goa");
});

test("the name of an attribute is the text that the reader types", () => {
  assert.equal(attributeField("plan"), "attributes.plan");
  assert.equal(attributeField(" my plan "), 'attributes."my plan"');
  for (const name of ["plan", "seat.row", '"my plan"'])
    assert.equal(attributeOf({ field: attributeField(name) }), name);
});

test("a new condition is incomplete until it has its value", () => {
  const incomplete = [
    "spend",
    "city",
    "last_active_at",
    "inactive",
    "has_tag",
    "in_segment",
    "attributes",
    "consent.email",
  ];
  for (const subject of incomplete) assert.ok(!isComplete(newCondition(subject)), subject);
  for (const subject of ["everyone", "ordered", "visited", "received", "opened", "clicked"]) {
    assert.ok(isComplete(newCondition(subject)), subject);
  }
  assert.ok(isComplete({ op: "=", field: "visits", value: 0 }));
  assert.ok(isComplete({ op: "is_set", field: "city" }));
  assert.ok(!isComplete({ op: "=", field: "attributes.", value: 1 }));
  assert.ok(!isComplete({ op: "in_last", field: "created_at", days: null }));
  assert.ok(!isComplete({ op: "ordered", measure: "times", compare: ">=", value: null, days: 5 }));
});

test("a rare comparison is offered only in a rule that has it", () => {
  assert.ok(!(">" in comparisonsFor(pune)));
  assert.ok(">" in comparisonsFor({ ...pune, op: ">" }));
  assert.ok(">" in comparisonsFor(spend));
  assert.equal(comparisonsFor(newCondition("last_active_at"))[">"], "is after");
  assert.equal(comparisonsFor({ ...spend, not: true })["not >"], "not: is more than");
  assert.ok("times !=" in comparisonsFor({ op: "ordered", measure: "times", compare: "!=", value: 1 }));
});

test("the current comparison of a condition is one that it offers", () => {
  for (const subject of [...conditionFields().map(({ name }) => name), ...Object.keys(SUBJECTS)]) {
    const condition = newCondition(subject);
    const offered = Object.keys(comparisonsFor(condition));
    if (offered.length) assert.ok(offered.includes(comparisonOf(condition)), subject);
    for (const key of offered) assert.equal(comparisonOf(withComparison(condition, key)), key);
  }
});

test("a condition can be about every field that rules can test, numbers first", () => {
  assert.deepEqual(
    conditionFields().map(({ name }) => name),
    ["spend", "visits", "last_active_at", "email", "name", "city", "consent.email"],
  );
});

test("a field has the comparisons that the server knows, and a list has those of a list", () => {
  setFields(FIELDS.map((field) => (field.name === "spend" ? { ...field, operators: ["=", ">", "is_set"] } : field)));
  assert.deepEqual(Object.keys(comparisonsFor(newCondition("spend"))), ["=", ">", "is_set"]);
  setFields(FIELDS);
  const tags = Object.keys(comparisonsFor({ op: "contains", field: "tags", value: "vip" }));
  assert.deepEqual(tags, ["contains", "not contains", "is_set", "is_missing"]);
});

test("another comparison keeps the arguments that it also has", () => {
  assert.deepEqual(withComparison(pune, "contains"), { op: "contains", field: "city", value: "Pune" });
  assert.deepEqual(withComparison(pune, "not contains"), { op: "contains", field: "city", value: "Pune", not: true });
  assert.deepEqual(withComparison(pune, "is_set"), { op: "is_set", field: "city" });
  assert.deepEqual(withComparison({ op: "is_set", field: "city" }, "="), { op: "=", field: "city", value: null });
  assert.deepEqual(withComparison(spend, "between"), { op: "between", field: "spend", low: null, high: null });
  const ordered = { op: "ordered", measure: "times", compare: ">=", value: 3, days: 60 };
  assert.deepEqual(withComparison(ordered, "amount >"), { ...ordered, measure: "amount", compare: ">" });
});
