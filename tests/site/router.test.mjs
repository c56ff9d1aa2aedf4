/** The page of a path. Run by `node --test`. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { match } from "../../static_site/router.js";

const routes = [
  ["/campaigns", "all"],
  ["/campaigns/new", "new"],
  ["/campaigns/:id", "one"],
];

test("the first matching route is used, with its parameters", () => {
  assert.deepEqual(match(routes, "/campaigns"), { page: "all", params: {} });
  assert.deepEqual(match(routes, "/campaigns/"), { page: "all", params: {} });
  assert.deepEqual(match(routes, "/campaigns/new"), { page: "new", params: {} });
  assert.deepEqual(match(routes, "/campaigns/a%20b"), { page: "one", params: { id: "a b" } });
});

test("a path that matches no route has no page", () => {
  for (const path of ["/", "/campaign", "/campaigns//", "/campaigns/1/2"]) assert.equal(match(routes, path), null);
});

test("a path with wrong encoding stays as it is", () => {
  assert.deepEqual(match(routes, "/campaigns/%E0%A4%A"), { page: "one", params: { id: "%E0%A4%A" } });
});
