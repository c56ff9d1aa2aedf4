/** Numbers and money in the reader's language. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { money, setLocale } from "../../static_site/texts/format.js";

test("an amount has decimals only if they are not zero, as the server writes it", () => {
  for (const locale of ["en-IN", "hi-IN"]) {
    setLocale(locale);
    assert.deepEqual(
      [0, 20_000, 99.5, 1234.567].map((amount) => money(amount, "INR")),
      ["₹0", "₹20,000", "₹99.50", "₹1,234.57"],
    );
    assert.equal(money(1235, "JPY").replace("JP", ""), "¥1,235");
  }
});
