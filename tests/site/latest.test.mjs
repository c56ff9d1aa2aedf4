/** Only the newest call counts. Run by `node --test`. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as passed } from "node:timers/promises";

import { latest } from "../../static_site/latest.js";

const DELAY = 10;

function recorded() {
  const runs = [];
  return { runs, ask: latest((input, signal) => runs.push({ input, signal }), DELAY) };
}

test("calls in quick succession run once, with the last input", async () => {
  const { runs, ask } = recorded();
  for (const input of ["s", "sp", "spend"]) ask(input);
  assert.equal(runs.length, 0);
  await passed(5 * DELAY);
  assert.deepEqual(
    runs.map(({ input }) => input),
    ["spend"],
  );
});

test("a newer call, or cancelling, aborts the one that is under way", async () => {
  const { runs, ask } = recorded();
  ask("old");
  await passed(5 * DELAY);
  ask("new");
  assert.ok(runs[0].signal.aborted);
  await passed(5 * DELAY);
  assert.ok(!runs[1].signal.aborted);
  ask.cancel();
  assert.ok(runs[1].signal.aborted);
});

test("what is cancelled in time does not run at all", async () => {
  const { runs, ask } = recorded();
  ask("never");
  ask.cancel();
  await passed(5 * DELAY);
  assert.equal(runs.length, 0);
});
