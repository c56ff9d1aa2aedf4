/** What the charts draw, from what the server says. Run by `node --test`. */

import assert from "node:assert/strict";
import { test } from "node:test";

import * as outcome from "../../static_site/charts/outcome.js";
import * as overTime from "../../static_site/charts/over_time.js";
import * as spread from "../../static_site/charts/spread.js";
import { day, number } from "../../static_site/format.js";

const statistics = { state: "running", audience: 10, sent: 5, failed: 2, skipped: 1, pending: 2, delivered: 4 };

test("the ring has a slice for each kind, which together are the audience", () => {
  const { audience, done, slices } = outcome.shape(statistics);
  assert.deepEqual(
    slices.map(({ kind, value }) => [kind, value]),
    [
      ["sent", 5],
      ["failed", 2],
      ["skipped", 1],
      ["pending", 2],
    ],
  );
  assert.equal(
    slices.reduce((sum, { value }) => sum + value, 0),
    audience,
  );
  assert.equal(done, 8);
});

test("numbers that are not there yet count as none", () => {
  const { audience, done, slices } = outcome.shape({ state: "running" });
  assert.equal(audience, 0);
  assert.equal(done, 0);
  assert.ok(slices.every(({ value }) => value === 0));
});

const minute = (clock, counts) => ({ at: `2026-11-23T${clock}:00Z`, sent: 0, failed: 0, skipped: 0, ...counts });
const valuesOf = (shape, kind) => shape.series.find((one) => one.kind === kind).values;

test("the lines are running totals that begin at zero", () => {
  const shape = overTime.shape([minute("10:00", { sent: 3 }), minute("10:01", { sent: 4, failed: 1 })]);
  assert.deepEqual(shape.times, ["2026-11-23T10:00:00.000Z", "2026-11-23T10:01:00.000Z", "2026-11-23T10:02:00.000Z"]);
  assert.deepEqual(valuesOf(shape, "sent"), [0, 3, 7]);
  assert.deepEqual(valuesOf(shape, "failed"), [0, 0, 1]);
  assert.deepEqual(valuesOf(shape, "skipped"), [0, 0, 0]);
});

test("minutes in which nothing happened keep their place, in whatever order the rows come", () => {
  const shape = overTime.shape([minute("10:03", { sent: 1 }), minute("10:00", { sent: 2 })]);
  assert.deepEqual(valuesOf(shape, "sent"), [0, 2, 2, 2, 3]);
});

test("a long campaign is drawn in longer steps, and nothing is lost", () => {
  const rows = Array.from({ length: 5000 }, (_, index) => ({
    at: new Date(Date.UTC(2026, 10, 23) + index * 7 * 60_000).toISOString(),
    sent: 2,
    failed: 1,
    skipped: 0,
  }));
  const shape = overTime.shape(rows);
  assert.ok(shape.times.length <= 92, `${shape.times.length} points`);
  assert.equal(valuesOf(shape, "sent").at(-1), 10_000);
  assert.equal(valuesOf(shape, "failed").at(-1), 5000);
  const steps = shape.times.slice(1).map((time, index) => Date.parse(time) - Date.parse(shape.times[index]));
  assert.equal(new Set(steps).size, 1);
});

test("without rows there is nothing to draw", () => {
  const shape = overTime.shape([]);
  assert.deepEqual(shape.times, []);
  assert.deepEqual(valuesOf(shape, "sent"), []);
});

const histogram = (some) => spread.shape({ bins: [], values: [], others: 0, ...some });

test("a histogram has a bar for each range, called by its edges", () => {
  const bins = [
    { low: 0, high: 5000, count: 2 },
    { low: 5000, high: 10_000, count: 0 },
  ];
  assert.deepEqual(histogram({ bins }), [
    { label: `0 – ${number(5000)}`, count: 2 },
    { label: `${number(5000)} – ${number(10_000)}`, count: 0 },
  ]);
});

test("whole numbers next to each other, and days, are called by themselves", () => {
  const [visits] = histogram({ bins: [{ low: 3, high: 4, count: 1 }] });
  assert.equal(visits.label, number(3));
  const [score] = histogram({ bins: [{ low: 0.5, high: 1.5, count: 1 }] });
  assert.equal(score.label, `${number(0.5)} – ${number(1.5)}`);
  const [first, second, third] = ["2026-03-01T00:00:00Z", "2026-03-02T00:00:00Z", "2026-04-01T00:00:00Z"];
  const dates = histogram({
    bins: [
      { low: first, high: second, count: 1 },
      { low: second, high: third, count: 1 },
    ],
  });
  assert.deepEqual(
    dates.map(({ label }) => label),
    [day(first), `from ${day(second)}`],
  );
});

test("frequent values stand beside all the others", () => {
  const values = [{ value: "Pune", count: 7 }];
  assert.deepEqual(histogram({ values, others: 3 }), [
    { label: "Pune", count: 7 },
    { label: "others", count: 3 },
  ]);
  assert.deepEqual(histogram({ values }).length, 1);
});
