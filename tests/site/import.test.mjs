/** Files and columns of an import, before anything is sent. Run by `node --test`. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { beginning, MOST_BYTES, objection as fileObjection, typed } from "../../static_site/import/files.js";
import { changes, objection, options } from "../../static_site/import/mapping.js";

test("a file is known by its ending, in any case", () => {
  assert.equal(typed(new File(["x"], "a.CSV")).type, "text/csv");
  assert.equal(typed(new File(["{}"], "a.b.ndjson")).type, "application/x-ndjson");
  assert.equal(typed(new File(["x"], "people.xlsx")), null);
});

test("what can't be sent is said before", () => {
  assert.equal(fileObjection(new File(["x"], "a.csv")), "");
  assert.match(fileObjection(new File([], "a.csv")), /nothing/);
  assert.match(fileObjection(new File(["x"], "a.pdf")), /\.csv, .* or \.json/);
  assert.match(fileObjection({ name: "a.csv", size: MOST_BYTES + 1 }), /32 MB/);
});

test("the beginning of a file ends with a line", async () => {
  const line = `${"x".repeat(999)}\n`;
  const long = await (await beginning(new File([line.repeat(100)], "a.csv"))).text();
  assert.equal(long, line.repeat(65));
  assert.equal(await (await beginning(new File(["a\nb"], "a.csv"))).text(), "a\nb");
});

test("one column says who a row is about, and no two are the same field", () => {
  assert.equal(objection(["email", "", "", "attributes.a"]), "");
  assert.match(objection(["name", "city"]), /External ID, E-mail or Phone/);
  assert.match(objection(["email", "city", "city"]), /both be City/);
});

test("only what was chosen otherwise is sent", () => {
  const columns = [
    { header: "Mail", field: "email" },
    { header: "Wer", field: "attributes.Wer" },
  ];
  assert.deepEqual(changes(columns, ["email", "name"]), { Wer: "name" });
  assert.deepEqual(changes(columns, ["email", "attributes.Wer"]), {});
});

test("a column can be a field of its own, or be left out", () => {
  assert.deepEqual(
    options("Wer")
      .slice(-2)
      .map(({ value }) => value),
    ["attributes.Wer", ""],
  );
});
