/** All events of a time are sent again, however many requests that takes. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { replayAll } from "../../static_site/pages/settings/webhook_log.js";

/** Asks with the answers, in their order; says what it was asked for, and what was told. */
async function replay(answers) {
  const asked = [];
  const told = [];
  const ask = (since) => Promise.resolve(answers[asked.push(since) - 1]);
  const total = await replayAll(ask, "monday", (events) => told.push(events));
  return { total, asked, told };
}

test("a replay goes on from where the request before it ended", async () => {
  const answers = [
    { events: 8000, until: "tuesday" },
    { events: 7000, until: "friday" },
    { events: 5, until: null },
  ];
  assert.deepEqual(await replay(answers), {
    total: 15_005,
    asked: ["monday", "tuesday", "friday"],
    told: [8000, 15_000],
  });
});

test("one request is enough for few events, and one that gets no further is the last", async () => {
  assert.deepEqual(await replay([{ events: 3, until: null }]), { total: 3, asked: ["monday"], told: [] });
  assert.deepEqual(await replay([{ events: 9, until: "monday" }]), { total: 9, asked: ["monday"], told: [] });
});
