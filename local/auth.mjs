// Firebase's Auth emulator without the Firebase CLI around it, which takes several times as long to start.
//
//     node local/auth.mjs HOST PORT PROJECT
//
// What it loads are internal paths of firebase-tools; package.json pins the version.

import { createServer } from "node:http";
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const specification = require("firebase-tools/lib/emulator/auth/apiSpec").default;

// Each path costs time at the start: these are of no use to Herald.
const unused = /\/tenants|SamlConfigs|oauthIdpConfigs|mfa|passkey|GameCenter|IosClient|phone|verificationCode/i;

for (const path of Object.keys(specification.paths)) {
  if (unused.test(path)) delete specification.paths[path];
}

const { createApp } = require("firebase-tools/lib/emulator/auth/server");
const [host, port, project] = process.argv.slice(2);
const server = createServer(await createApp(project));

server.listen(Number(port), host, () => console.log(`Auth emulator for ${project} on http://${host}:${port}`));

for (const signal of ["SIGTERM", "SIGINT"]) {
  process.once(signal, () => {
    server.close();
    server.closeAllConnections();
  });
}
