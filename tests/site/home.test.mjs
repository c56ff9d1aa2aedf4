/** The figures of the home page: what changed, and what nobody knows. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { figuresOf } from "../../static_site/pages/home/last_days.js";
import { setLocale } from "../../static_site/texts/format.js";
import home from "../../static_site/texts/home/en.js";

setLocale("en-IN");

const NOW = {
  reached: 150,
  messages: 200,
  opened: 50,
  orders: 3,
  revenue: 900,
  campaigns: 2,
  sent: 200,
  delivered: 190,
  unsubscribed: 4,
};
const BEFORE = {
  ...NOW,
  reached: 100,
  messages: 100,
  opened: 50,
  revenue: 1000,
  sent: 100,
  delivered: 90,
  unsubscribed: 1,
};

/** @param {typeof NOW} now @param {typeof NOW} before */
const shown = (now, before) =>
  Object.fromEntries(
    figuresOf(home.lastDays, { days: 30, now, before }, "INR").map(({ key, value, note }) => [key, [value, note]]),
  );

test("figures are compared with the days before, rates with the rates before", () => {
  const figures = shown(NOW, BEFORE);
  assert.deepEqual(figures.reached, ["150", "+50% on the 30 days before"]);
  assert.deepEqual(figures.delivered, ["95%", "90% in the 30 days before"]);
  assert.deepEqual(figures.opened, ["25%", "50% in the 30 days before"]);
  assert.deepEqual(figures.unsubscribed, ["4", "1 in the 30 days before"]);
  assert.match(figures.revenue[1], /^−10% on/);
});

test("what nobody reported is not shown as zero, and nothing is compared with nothing", () => {
  const figures = shown({ ...NOW, delivered: 0, opened: 0 }, { ...BEFORE, reached: 0 });
  assert.deepEqual(figures.delivered, [null, "Nothing reported in 30 days"]);
  assert.deepEqual(figures.opened, [null, "Nothing reported in 30 days"]);
  assert.deepEqual(figures.reached, ["150", "in 30 days; none before"]);
});

test("counters of too many campaigns are not known", () => {
  const figures = shown({ ...NOW, sent: null, delivered: null, unsubscribed: null }, BEFORE);
  assert.deepEqual(figures.delivered, [null, "Too many campaigns to add up"]);
  assert.deepEqual(figures.unsubscribed, [null, "Too many campaigns to add up"]);
});
