/** The checks of files and columns before an import. Run by `node --test`. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { setFields } from "../../static_site/data/fields.js";
import { changedColumns, mappingError, options } from "../../static_site/pages/imports/column_mapping.js";
import { fileError, firstLines, MAX_BYTES, withMediaType } from "../../static_site/pages/imports/files.js";
import texts from "../../static_site/texts/imports/en.js";
import { FIELDS } from "./fields.mjs";

const identifier = (name, label) => ({ ...FIELDS[0], name, label });
setFields([identifier("external_id", "External ID"), ...FIELDS, identifier("phone", "Phone")]);

test("the extension of a file gives its media type, in upper or lower case", () => {
  assert.equal(withMediaType(new File(["x"], "a.CSV")).type, "text/csv");
  assert.equal(withMediaType(new File(["{}"], "a.b.ndjson")).type, "application/x-ndjson");
  assert.equal(withMediaType(new File(["x"], "people.xlsx")), null);
});

test("a file that cannot be sent has an error", () => {
  assert.equal(fileError(new File(["x"], "a.csv")), null);
  assert.equal(fileError(new File([], "a.csv")), "empty");
  assert.equal(fileError(new File(["x"], "a.pdf")), "wrongKind");
  assert.equal(fileError({ name: "a.csv", size: MAX_BYTES + 1 }), "tooLarge");
});

test("the first lines of a file are whole lines", async () => {
  const line = `${"x".repeat(999)}\n`;
  const long = await (await firstLines(new File([line.repeat(100)], "a.csv"))).text();
  assert.equal(long, line.repeat(65));
  assert.equal(await (await firstLines(new File(["a\nb"], "a.csv"))).text(), "a\nb");
});

test("one column identifies the customer, and no two columns have the same field", () => {
  assert.equal(mappingError(["email", "", "", "attributes.a"], texts), "");
  assert.match(mappingError(["name", "city"], texts), /identifies the customer: External ID, E-mail,? or Phone\.$/);
  assert.match(mappingError(["email", "city", "city"], texts), /both be City/);
});

test("only changed columns are sent", () => {
  const columns = [
    { header: "Mail", field: "email" },
    { header: "Wer", field: "attributes.Wer" },
  ];
  assert.deepEqual(changedColumns(columns, ["email", "name"]), { Wer: "name" });
  assert.deepEqual(changedColumns(columns, ["email", "attributes.Wer"]), {});
});

test("a column can be an attribute, or not be imported", () => {
  assert.deepEqual(
    options("Wer", texts)
      .slice(-2)
      .map(({ value }) => value),
    ["attributes.Wer", ""],
  );
});
