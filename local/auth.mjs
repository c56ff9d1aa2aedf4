// Starts Firebase's Auth emulator without the Firebase CLI, which takes several times longer to start.
//
//     node local/auth.mjs HOST PORT PROJECT
//
// It loads internal modules of firebase-tools; package.json pins the version.

import { createServer } from "node:http";
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const specification = require("firebase-tools/lib/emulator/auth/apiSpec").default;

// Each path costs start-up time. Herald does not use these.
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
