/** Only the newest of several calls runs. Run by `node --test`. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

import { debounce } from "../../static_site/data/debounce.js";

const DELAY = 10;

function recordedCalls() {
  const runs = [];
  return { runs, call: debounce((input, signal) => runs.push({ input, signal }), DELAY) };
}

test("several quick calls run once, with the last input", async () => {
  const { runs, call } = recordedCalls();
  for (const input of ["s", "sp", "spend"]) call(input);
  assert.equal(runs.length, 0);
  await sleep(5 * DELAY);
  assert.deepEqual(
    runs.map(({ input }) => input),
    ["spend"],
  );
});

test("a newer call or a cancellation aborts the running call", async () => {
  const { runs, call } = recordedCalls();
  call("old");
  await sleep(5 * DELAY);
  call("new");
  assert.ok(runs[0].signal.aborted);
  await sleep(5 * DELAY);
  assert.ok(!runs[1].signal.aborted);
  call.cancel();
  assert.ok(runs[1].signal.aborted);
});

test("a call that is cancelled before the delay does not run", async () => {
  const { runs, call } = recordedCalls();
  call("never");
  call.cancel();
  await sleep(5 * DELAY);
  assert.equal(runs.length, 0);
});
