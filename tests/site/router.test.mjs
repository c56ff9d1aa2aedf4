/** The page of a path, and the query in the address. Run by `node --test`. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { addressWith, match, readQuery, withQueryInFragment } from "../../static_site/router.js";

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

test("the query is in the fragment, which is never sent to a server", () => {
  const asha = { search: "asha@example.com & co", sort: "name" };
  const address = addressWith("/customers", "", asha);
  const { pathname, search, hash } = new URL(address, "https://herald.example");
  assert.deepEqual([pathname, search], ["/customers", ""]);
  assert.deepEqual(readQuery(hash.slice(1), { search: "", sort: "-created_at" }), asha);
});

test("a link that somebody kept has its query moved into the fragment", () => {
  const address = (/** @type {string} */ href) => withQueryInFragment(new URL(href, "https://herald.example"));
  assert.equal(address("/customers?search=asha"), "/customers#search=asha");
  assert.equal(address("/customers#search=asha"), "/customers#search=asha");
  assert.equal(address("/customers"), "/customers");
});

test("a fragment that is no query changes nothing", () => {
  assert.deepEqual(readQuery("content", { search: "" }), { search: "" });
});
