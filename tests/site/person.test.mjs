/** What the page about a person shows and sends. Run by `node --test`. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { changesOf, formValues, timeLine, valueText } from "../../static_site/pages/people/person.js";

const PERSON = {
  name: "Asha Rao",
  email: "asha@example.com",
  phone: null,
  city: "Pune",
  company: null,
  timezone: null,
  tags: ["gold", "pune"],
  attributes: { shoe_size: 42, note: "tall", code: "007", flags: [1, 2] },
};

test("an unchanged form sends nothing", () => {
  assert.deepEqual(changesOf(PERSON, formValues(PERSON)), {});
});

test("only changes are sent: null clears a field and removes an attribute", () => {
  const values = formValues(PERSON);
  const attributes = values.attributes.map((one) => (one.name === "note" ? { ...one, value: " " } : one));
  const changed = { ...values, city: "", phone: " +919876500011 ", tags: "gold, new,gold", attributes };
  changed.attributes = [...attributes, { name: "size", value: "M" }];
  assert.deepEqual(changesOf(PERSON, changed), {
    phone: "+919876500011",
    city: null,
    tags: ["gold", "new"],
    attributes: { note: null, size: "M" },
  });
});

test("a text that reads as a number stays a text", () => {
  assert.equal(valueText("12"), '"12"');
  assert.equal(valueText("tall"), "tall");
  assert.equal(valueText(12), "12");
});

test("the time line has activities and messages, the latest first", () => {
  const activities = [
    { event_id: "a", at: "2026-11-01T10:00:00Z" },
    { event_id: "b", at: "2026-11-03T10:00:00Z" },
  ];
  const messages = [{ id: "m", at: "2026-11-02T15:30:00+05:30" }];
  assert.deepEqual(
    timeLine({ activities, messages }).map(({ id }) => id),
    ["b", "m", "a"],
  );
});
