/** The data of the charts, from the answers of the server. Run by `node --test`. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { OUTCOMES, outcomesIn } from "../../static_site/api.js";

import * as distribution from "../../static_site/charts/distribution.js";
import * as outcome from "../../static_site/charts/outcome.js";
import * as overTime from "../../static_site/charts/over_time.js";
import { day, number } from "../../static_site/texts/format.js";

const buckets = [
  { at: "2026-11-23T10:00:00Z", sent: 6, failed: 2, skipped: 0, unknown: 0 },
  { at: "2026-11-23T10:00:05Z", sent: 0, failed: 0, skipped: 0, unknown: 0 },
  { at: "2026-11-23T10:00:10Z", sent: 2, failed: 0, skipped: 1, unknown: 1 },
];

test("the highest column fills the chart, and the parts stand on each other", () => {
  const { peak, columns } = overTime.bars(buckets);
  assert.equal(peak, 8);
  assert.deepEqual(columns[0].parts, [
    { kind: "sent", y: 25, height: 75 },
    { kind: "failed", y: 0, height: 25 },
  ]);
  assert.deepEqual(
    columns.map(({ parts }) => parts.length),
    [2, 0, 3],
  );
});

test("unknown messages have a place only where there are any", () => {
  assert.deepEqual(outcomesIn({ sent: 3, unknown: 0 }), ["sent", "failed", "skipped", "pending"]);
  assert.deepEqual(outcomesIn({ sent: 3 }), ["sent", "failed", "skipped", "pending"]);
  assert.deepEqual(outcomesIn({ sent: 3, unknown: 1 }), OUTCOMES);
});

test("without outcomes there is nothing to divide by", () => {
  assert.deepEqual(overTime.bars([]), { peak: 0, columns: [] });
  assert.deepEqual(overTime.bars([buckets[1]]).columns, [{ at: buckets[1].at, parts: [] }]);
});

test("the length of a bucket has the largest unit that fits", () => {
  assert.deepEqual(overTime.bucketLength(5), { unit: "seconds", value: 5 });
  assert.deepEqual(overTime.bucketLength(300), { unit: "minutes", value: 5 });
  assert.deepEqual(overTime.bucketLength(7200), { unit: "hours", value: 2 });
  assert.deepEqual(overTime.bucketLength(604_800), { unit: "days", value: 7 });
});

test("a moment is as exact as its bucket", () => {
  assert.match(overTime.momentText("2026-11-23T10:00:05Z", 5), /:05/);
  assert.doesNotMatch(overTime.momentText("2026-11-23T10:00:05Z", 60), /:05/);
  assert.equal(overTime.momentText("2026-11-23T00:00:00Z", 86_400), day("2026-11-23T00:00:00Z"));
});

test("an audience without people has a grey ring", () => {
  const slices = (values) => OUTCOMES.map((kind, index) => ({ kind, label: kind, value: values[index] }));
  assert.deepEqual(outcome.ringValues(slices([5, 2, 1, 0, 2])), [5, 2, 1, 0, 2]);
  assert.deepEqual(outcome.ringValues(slices([0, 0, 0, 0, 0])), [0, 0, 0, 0, 1]);
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

test("the day of a range is the one in the deployment's time zone, which its edges have", () => {
  const [first, second, third] = [
    "2026-03-01T00:00:00+05:30",
    "2026-03-02T00:00:00+05:30",
    "2026-04-01T00:00:00+05:30",
  ];
  assert.deepEqual(
    bars({
      bins: [
        { low: first, high: second, count: 1 },
        { low: second, high: third, count: 1 },
      ],
    }).map(({ label }) => label),
    [day("2026-03-01"), `${day("2026-03-02")} – ${day("2026-03-31")}`],
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
