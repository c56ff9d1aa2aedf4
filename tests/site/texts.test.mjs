/** Both languages have the same texts, and no component has a text of its own. Run by `node --test`. */

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";

const SITE = new URL("../../static_site/", import.meta.url);
const areas = readdirSync(new URL("texts/", SITE), { withFileTypes: true }).filter((entry) => entry.isDirectory());
const folders = ["", ...areas.map(({ name }) => `${name}/`)];

const keys = (texts, path = "") =>
  Object.entries(texts).flatMap(([key, value]) =>
    typeof value === "function" ? [`${path}${key}`] : keys(value, `${path}${key}.`),
  );

for (const folder of folders) {
  test(`texts/${folder} has the same keys in both languages`, async () => {
    const [english, hindi] = await Promise.all(
      ["en", "hi"].map(async (tag) => (await import(new URL(`texts/${folder}${tag}.js`, SITE))).default),
    );
    assert.deepEqual(keys(hindi), keys(english));
  });
}

const components = readdirSync(SITE, { recursive: true })
  .filter((path) => /^((ui|pages)\/.*|[a-z_]+)\.js$/.test(path))
  .map((path) => [path, readFileSync(new URL(path, SITE), "utf8")])
  .filter(([, source]) => source.includes("html`"));

/** The words between tags, and in the attributes that a reader sees or hears. */
const literals = (source) => {
  const templates = source.replaceAll(/\/\*[\s\S]*?\*\//g, "").replaceAll(/\$\{[^{}`]*\}/g, "\0");
  return [
    ...templates.matchAll(/<[a-z][^<>]*>\s*([A-Za-z][\w ,.'’-]+)\s*</g),
    ...templates.matchAll(/\b(?:label|title|placeholder|hint|alt|caption|aria-label)="([^"\0]+)"/g),
  ].map(([, text]) => text);
};

test("no component has a text of its own", () => {
  assert.ok(components.length > 5);
  const found = components.flatMap(([path, source]) => literals(source).map((text) => `${path}: ${text}`));
  assert.deepEqual(found, []);
});

test("a text in a component is found", () => {
  assert.deepEqual(literals("html`<p class=lead>Hello there</p>`"), ["Hello there"]);
  assert.deepEqual(literals('html`<input aria-label="Name" />`'), ["Name"]);
});

const FUNCTIONS = new URL("../../functions/", import.meta.url);
const sources = readdirSync(FUNCTIONS, { recursive: true })
  .filter((path) => path.endsWith(".py"))
  .map((path) => readFileSync(new URL(path, FUNCTIONS), "utf8"));
const logged = sources.flatMap((source) =>
  [...source.matchAll(/(?:audit_entry|log_action)\(\s*"([^"]+)"/g)].map(([, action]) => action),
);

test("every action in the audit log has a text", async () => {
  const { audit } = (await import(new URL("texts/settings/en.js", SITE))).default;
  const { activity } = (await import(new URL("texts/campaign/en.js", SITE))).default;
  const actions = { ...activity.actions, ...audit.actions };
  assert.ok(logged.length > 15);
  assert.deepEqual(
    logged.filter((action) => !actions[action]),
    [],
  );
});

const CODES = readFileSync(new URL("../../functions/common/catalogue/field_codes.py", import.meta.url), "utf8");
const codes = [...CODES.split("PYDANTIC_CODES")[0].matchAll(/^ {4}"(\w+)":/gm)].map(([, code]) => code);

for (const tag of ["en", "hi"]) {
  test(`every code of a field's error has a text in ${tag}`, async () => {
    const { errors } = (await import(new URL(`texts/${tag}.js`, SITE))).default;
    assert.ok(codes.length > 40);
    assert.deepEqual(Object.keys(errors.fields).sort(), codes.sort());
    assert.ok(Object.values(errors.fields).every((text) => text({ field: "text", message: "" }).length > 5));
  });
}
