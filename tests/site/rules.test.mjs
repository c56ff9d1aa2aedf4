/** Rules as trees, as conditions of the builder, and as text. Run by `node --test`. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { completionsAt, withCompletion } from "../../static_site/audience/completions.js";
import { conditionFields, readValue, readValues, SUBJECTS, toInputText } from "../../static_site/audience/fields.js";
import {
  emptyModel,
  isModelComplete,
  modelFrom,
  treeFrom,
  withItem,
  withNewCondition,
} from "../../static_site/audience/rule_model.js";
import { ruleText } from "../../static_site/audience/rule_text.js";
import {
  attributeField,
  attributeOf,
  comparisonOf,
  comparisonsFor,
  isComplete,
  newCondition,
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

const not = (of) => ({ op: "not", of });
const treeOf = (tree) => treeFrom(modelFrom(tree)).tree;

test("every rule is the same after it was a model, nested groups and NOT too", () => {
  const trees = [
    spend,
    inactive,
    { op: "everyone" },
    { op: "has_tag", tag: "vip" },
    { op: "in_last", field: "created_at", days: 7 },
    { op: "between", field: "spend", low: 1, high: 2 },
    { op: "in", field: "city", values: ["Pune", "Goa"] },
    { op: "ordered", measure: "amount", compare: ">", value: 5000, days: 60 },
    { op: ">", field: "created_at", value: { days_ago: 30 } },
    and(spend, visits),
    or(and(spend, visits), pune),
    and(or(spend, pune), visits),
    not(spend),
    not(inactive),
    not(and(spend, visits)),
    and(pune, not(or(spend, and(visits, not({ op: "opened", days: 30 }))))),
    not(not(and(spend, visits))),
  ];
  for (const tree of trees) assert.deepEqual(treeOf(tree), tree, JSON.stringify(tree));
});

test("what the server added to a rule is left out", () => {
  const lapsed = { op: "in_segment", segment: "Lapsed", rule: spend };
  const opened = { op: "opened", campaign: "Diwali", days: null, campaigns: ["c1"] };
  const plain = and({ op: "in_segment", segment: "Lapsed" }, { op: "opened", campaign: "Diwali" });
  assert.deepEqual(treeOf(and(lapsed, opened)), plain);
});

test("a condition without a value is left out until it has one", () => {
  const model = modelFrom(and(spend, visits));
  const { model: longer } = withNewCondition(model, model.id, { isGroup: true });
  assert.equal(isModelComplete(longer), false);
  assert.deepEqual(treeFrom(longer).tree, and(spend, visits));
  assert.equal(treeFrom(emptyModel()), null);
});

test("an item knows its path in the tree, and a removed one takes its empty group along", () => {
  const model = modelFrom(and(pune, not(or(spend, visits))));
  const inner = model.items[1];
  const { paths } = treeFrom(model);
  assert.equal(paths.get(inner.items[1].id), "rules.of.1.of.of.1");
  const once = withItem(model, inner.items[0].id, () => null);
  assert.deepEqual(treeFrom(once).tree, and(pune, not(visits)));
  const twice = withItem(once, inner.items[1].id, () => null);
  assert.deepEqual(treeFrom(twice).tree, pune);
});

test("a tree is written as the server writes it", () => {
  const cases = [
    [and(spend, or(pune, inactive)), 'spend > 10000 AND (city = "Pune" OR inactive for 90 days)'],
    [not(and(spend, visits)), "NOT (spend > 10000 AND visits < 3)"],
    [{ op: "in", field: "city", values: ['A "b"', "c"] }, 'city in ("A \\"b\\"", "c")'],
    [{ op: "visited", measure: "times", compare: ">=", value: 1, days: 1 }, "visited >= 1 time in the last 1 day"],
    [{ op: "ordered", measure: "amount", compare: ">", value: 5 }, "ordered for > 5"],
    [{ op: "received", campaign: "Diwali", days: 7 }, 'received campaign "Diwali" in the last 7 days'],
    [{ op: "<", field: "created_at", value: { days_ago: -2 } }, "created_at < 2 days from now"],
    [{ op: "=", field: "consent.email", value: false }, "consent.email = false"],
  ];
  for (const [tree, text] of cases) assert.equal(ruleText(tree), text);
});

test("fields and words are suggested at the cursor, but not inside quotes", () => {
  assert.deepEqual(
    completionsAt("sp", 2, FIELDS).map(({ insert }) => insert),
    ["spend"],
  );
  assert.deepEqual(completionsAt('city = "sp', 10, FIELDS), []);
  assert.deepEqual(withCompletion("sp", 2, "spend"), { text: "spend ", cursor: 6 });
  assert.deepEqual(withCompletion("has", 3, 'has tag ""'), { text: 'has tag ""', cursor: 9 });
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
  assert.ok(!comparisonsFor(pune).includes(">"));
  assert.ok(comparisonsFor({ ...pune, op: ">" }).includes(">"));
  assert.ok(comparisonsFor(spend).includes(">"));
  assert.ok(comparisonsFor({ ...spend, not: true }).includes("not >"));
  const notOnce = { op: "ordered", measure: "times", compare: "!=", value: 1 };
  assert.ok(comparisonsFor(notOnce).includes("times !="));
});

test("the current comparison of a condition is one that it offers", () => {
  for (const subject of [...conditionFields().map(({ name }) => name), ...Object.keys(SUBJECTS)]) {
    const condition = newCondition(subject);
    const offered = comparisonsFor(condition);
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
  assert.deepEqual(comparisonsFor(newCondition("spend")), [">", "=", "is_set"]);
  setFields(FIELDS);
  const tags = comparisonsFor({ op: "contains", field: "tags", value: "vip" });
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
