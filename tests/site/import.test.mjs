/** The checks of files and columns before an import. Run by `node --test`. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { setFields } from "../../static_site/data/fields.js";
import {
  asParameter,
  mappingError,
  options,
  readings,
  withChoice,
} from "../../static_site/pages/imports/column_mapping.js";
import { fileError, MAX_BYTES, withMediaType } from "../../static_site/pages/imports/files.js";
import { canUndo, pollInterval, reasonsKept, stateName } from "../../static_site/pages/imports/import_state.js";
import texts from "../../static_site/texts/imports/en.js";
import { FIELDS } from "./fields.mjs";

const identifier = (name, label) => ({ ...FIELDS[0], name, label });
setFields([identifier("external_id", "External ID"), ...FIELDS, identifier("phone", "Phone")]);

test("the extension of a file gives its media type, in upper or lower case", () => {
  assert.equal(withMediaType(new File(["x"], "a.CSV")).type, "text/csv");
  assert.equal(withMediaType(new File(["{}"], "a.b.ndjson")).type, "application/x-ndjson");
  assert.equal(withMediaType(new File(["x"], "people.pdf")), null);
});

test("a file that cannot be sent has an error", () => {
  assert.equal(fileError(new File(["x"], "a.csv")), null);
  assert.equal(fileError(new File([], "a.csv")), "empty");
  assert.equal(fileError(new File(["x"], "a.pdf")), "wrongKind");
  assert.equal(fileError({ name: "a.csv", size: MAX_BYTES + 1 }), "tooLarge");
});

test("one column identifies the customer, and no two columns have the same field", () => {
  assert.equal(mappingError(["email", "", "", "attributes.a"], texts), "");
  assert.match(mappingError(["name", "city"], texts), /identifies the customer: External ID, E-mail,? or Phone\.$/);
  assert.match(mappingError(["email", "city", "city"], texts), /both be City/);
});

test("a file of orders needs their number, their time and whose they are", () => {
  assert.equal(mappingError(["event_id", "at", "amount", "email", "fields.x"], texts, "activities"), "");
  assert.equal(mappingError(["event_id", "at", "customer_id"], texts, "activities"), "");
  assert.match(mappingError(["at", "email"], texts, "activities"), /Number of the order/);
  assert.match(mappingError(["event_id", "at", "amount"], texts, "activities"), /identifies the customer/);
  assert.match(mappingError(["event_id", "at", "at", "email"], texts, "activities"), /both be Time/);
});

test("a list of suppressions needs an address, and an id is none", () => {
  assert.equal(mappingError(["phone", "reason", ""], texts, "suppressions"), "");
  assert.match(mappingError(["external_id", "reason"], texts, "suppressions"), /customer: E-mail or Phone\.$/);
});

test("a column of a file has the fields of what the file is", () => {
  const values = (what) => options("Wer", texts, what).map(({ value }) => value);
  assert.ok(values("activities").includes("amount") && values("activities").includes("consent.email"));
  assert.ok(values("activities").includes("fields.Wer") && !values("activities").includes("city"));
  assert.deepEqual(values("suppressions"), ["email", "phone", "reason", ""]);
  assert.equal(readings({ field: "fields.Wer", type: "text" }).name, "type");
});

test("what the reader chooses for columns is sent, and another field begins anew", () => {
  assert.equal(asParameter({}), null);
  const choices = withChoice({}, "Wann", { format: "mdy" });
  assert.equal(asParameter(choices), '{"Wann":{"format":"mdy"}}');
  assert.deepEqual(withChoice(choices, "Wann", { type: "date" }), { Wann: { format: "mdy", type: "date" } });
  assert.deepEqual(withChoice(choices, "Wann", { field: "" }), { Wann: { field: "" } });
});

test("the type of an attribute and the order of a date can be chosen", () => {
  assert.deepEqual(readings({ field: "attributes.Pin", type: "text" }).values.slice(0, 2), ["text", "number"]);
  assert.deepEqual(readings({ field: "last_active_at", type: "date" }).values, ["dmy", "mdy", "ymd"]);
  assert.equal(readings({ field: "email", type: "email" }), null);
  assert.equal(readings({ field: "", type: "date" }), null);
});

test("a column can be an attribute, or not be imported", () => {
  assert.deepEqual(
    options("Wer", texts)
      .slice(-2)
      .map(({ value }) => value),
    ["attributes.Wer", ""],
  );
});

test("a page asks again while an import runs or is undone", () => {
  assert.ok(pollInterval({ state: "processing", undo: null }));
  assert.ok(pollInterval({ state: "completed", undo: { state: "running" } }));
  assert.equal(pollInterval({ state: "cancelled", undo: { state: "done" } }), null);
  assert.equal(pollInterval(undefined), null);
});

test("an import can be undone once, within its day, when it has written something", () => {
  const now = Date.parse("2026-01-02T00:00:00Z");
  const status = { state: "completed", undo: null, undo_until: "2026-01-02T00:00:01Z" };
  assert.equal(canUndo(status, now), true);
  assert.equal(canUndo({ ...status, undo_until: "2026-01-01T00:00:00Z" }, now), false);
  assert.equal(canUndo({ ...status, undo_until: null }, now), false);
  assert.equal(canUndo({ ...status, state: "aborted" }, now), false);
  assert.equal(canUndo({ ...status, undo: { state: "done" } }, now), false);
});

test("an import that is undone says so, and the most frequent reason comes first", () => {
  assert.equal(stateName({ state: "completed", undo: null }), "completed");
  assert.equal(stateName({ state: "completed", undo: { state: "running" } }), "undoing");
  assert.equal(stateName({ state: "cancelled", undo: { state: "done" } }), "undone");
  assert.deepEqual(reasonsKept({ activities: 1, messages: 0, changed: 3 }), [
    ["changed", 3],
    ["activities", 1],
  ]);
});
