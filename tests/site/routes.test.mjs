/** The addresses of the site, each with its page and the texts that the page needs. Run by `node --test`. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { ROUTES } from "../../static_site/routes.js";

const SITE = new URL("../../static_site/", import.meta.url);

/** The source of a module without its comments, which have examples. */
const sourceOf = (address) => readFileSync(new URL(address), "utf8").replaceAll(/\/\*[\s\S]*?\*\//g, "");

/** The addresses of the modules that a module imports at once, and its own. */
function modulesOf(address, known = new Set()) {
  if (known.has(address) || !address.startsWith(SITE.href)) return known;
  known.add(address);
  for (const [, path] of sourceOf(address).matchAll(/(?:^(?:import|export) [^;]*?|[^\w$])from ?"([./][^"]+)"/gms)) {
    modulesOf(new URL(path.replace(/^\//, SITE.href), address).href, known);
  }
  return known;
}

/** The areas whose texts a page may show, with those of all modules that it imports. */
function areasOf(load) {
  const [, path] = String(load).match(/import\("(.+)"\)/);
  const sources = [...modulesOf(new URL(path, SITE).href)].map(sourceOf);
  return new Set(sources.flatMap((source) => [...source.matchAll(/\btexts\("([a-z_]+)"\)/g)].map(([, area]) => area)));
}

/** Those that the document asks for at once, so that the browser does not find them one after the other. */
const PRELOADED = [
  ...readFileSync(new URL("index.html", SITE), "utf8").matchAll(
    /rel="modulepreload" fetchpriority="low" href="\/(.+)"/g,
  ),
];

test("the document preloads the modules of the frame, and no other", () => {
  const start = new URL("app.js", SITE).href;
  const modules = [...modulesOf(start)].filter((address) => address !== start);
  assert.deepEqual(
    PRELOADED.map(([, path]) => path).sort(),
    modules.map((address) => address.slice(SITE.href.length)).sort(),
  );
});

test("each address stands once", () => {
  const patterns = ROUTES.map(([pattern]) => pattern);
  assert.deepEqual([...new Set(patterns)], patterns);
});

for (const [pattern, { load, area = [] }] of ROUTES) {
  test(`${pattern} loads the texts that its page shows`, () => {
    const missing = [...areasOf(load)].filter((name) => ![area].flat().includes(name));
    assert.deepEqual(missing, []);
  });
}
