/** Which page a path is. Run by `node --test`. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { match } from "../../static_site/router.js";

const routes = [
  ["/campaigns", "all"],
  ["/campaigns/new", "new"],
  ["/campaigns/:id", "one"],
];

test("the first route that fits is taken, with its parameters", () => {
  assert.deepEqual(match(routes, "/campaigns"), { page: "all", params: {} });
  assert.deepEqual(match(routes, "/campaigns/"), { page: "all", params: {} });
  assert.deepEqual(match(routes, "/campaigns/new"), { page: "new", params: {} });
  assert.deepEqual(match(routes, "/campaigns/a%20b"), { page: "one", params: { id: "a b" } });
});

test("a path that fits none is no page", () => {
  for (const path of ["/", "/campaign", "/campaigns//", "/campaigns/1/2"]) assert.equal(match(routes, path), null);
});

test("a badly encoded path is taken as it is", () => {
  assert.deepEqual(match(routes, "/campaigns/%E0%A4%A"), { page: "one", params: { id: "%E0%A4%A" } });
});
