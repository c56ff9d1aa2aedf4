/** Lets Node find the modules that the site loads from its own server: `node --import ./tests/site/modules.mjs`. */

import { register } from "node:module";
import { pathToFileURL } from "node:url";

const site = pathToFileURL(`${process.cwd()}/static_site`).href;
const hooks = `export const resolve = (name, context, next) =>
  next(name.startsWith("/lib/") ? ${JSON.stringify(site)} + name : name, context);`;
register(`data:text/javascript,${encodeURIComponent(hooks)}`);
