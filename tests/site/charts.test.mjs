/** The data of the charts, from the answers of the server. Run by `node --test`. */

import assert from "node:assert/strict";
import { test } from "node:test";

import * as distribution from "../../static_site/charts/distribution.js";
import * as outcome from "../../static_site/charts/outcome.js";
import * as overTime from "../../static_site/charts/over_time.js";
import { day, number } from "../../static_site/texts/format.js";

const statistics = { state: "running", audience: 10, sent: 5, failed: 2, skipped: 1, pending: 2, delivered: 4 };

test("the slices of the ring add up to the audience", () => {
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

test("missing numbers count as 0", () => {
  const { audience, done, slices } = outcome.shape({ state: "running" });
  assert.equal(audience, 0);
  assert.equal(done, 0);
  assert.ok(slices.every(({ value }) => value === 0));
});

const minute = (clock, counts) => ({ at: `2026-11-23T${clock}:00Z`, sent: 0, failed: 0, skipped: 0, ...counts });
const valuesOf = (shape, kind) => shape.series.find((series) => series.kind === kind).values;

test("the lines are running totals that begin at 0", () => {
  const shape = overTime.shape([minute("10:00", { sent: 3 }), minute("10:01", { sent: 4, failed: 1 })]);
  assert.deepEqual(shape.times, ["2026-11-23T10:00:00.000Z", "2026-11-23T10:01:00.000Z", "2026-11-23T10:02:00.000Z"]);
  assert.deepEqual(valuesOf(shape, "sent"), [0, 3, 7]);
  assert.deepEqual(valuesOf(shape, "failed"), [0, 0, 1]);
  assert.deepEqual(valuesOf(shape, "skipped"), [0, 0, 0]);
});

test("minutes without outcomes keep their place, in any order of the rows", () => {
  const shape = overTime.shape([minute("10:03", { sent: 1 }), minute("10:00", { sent: 2 })]);
  assert.deepEqual(valuesOf(shape, "sent"), [0, 2, 2, 2, 3]);
});

test("a long campaign has longer steps and the same totals", () => {
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

test("without rows the series are empty", () => {
  const shape = overTime.shape([]);
  assert.deepEqual(shape.times, []);
  assert.deepEqual(valuesOf(shape, "sent"), []);
});

const bars = (histogram) =>
  distribution.shape({ bins: [], values: [], others: 0, ...histogram }, { others: "Other values" });

test("a histogram has a bar for each range, with its edges as label", () => {
  const bins = [
    { low: 0, high: 5000, count: 2 },
    { low: 5000, high: 10_000, count: 0 },
  ];
  assert.deepEqual(bars({ bins }), [
    { label: `0 – ${number(5000)}`, count: 2 },
    { label: `${number(5000)} – ${number(10_000)}`, count: 0 },
  ]);
});

test("a range of one whole number or one day has only that as label", () => {
  const [visits] = bars({ bins: [{ low: 3, high: 4, count: 1 }] });
  assert.equal(visits.label, number(3));
  const [score] = bars({ bins: [{ low: 0.5, high: 1.5, count: 1 }] });
  assert.equal(score.label, `${number(0.5)} – ${number(1.5)}`);
  const [first, second, third] = ["2026-03-01T00:00:00Z", "2026-03-02T00:00:00Z", "2026-04-01T00:00:00Z"];
  const dates = bars({
    bins: [
      { low: first, high: second, count: 1 },
      { low: second, high: third, count: 1 },
    ],
  });
  assert.deepEqual(
    dates.map(({ label }) => label),
    [day(first), `${day(second)} – ${day("2026-03-31T00:00:00Z")}`],
  );
});

test("other values have one bar after the frequent values", () => {
  const values = [{ value: "Pune", count: 7 }];
  assert.deepEqual(bars({ values, others: 3 }), [
    { label: "Pune", count: 7 },
    { label: "Other values", count: 3 },
  ]);
  assert.deepEqual(bars({ values }).length, 1);
});
