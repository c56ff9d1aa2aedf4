/** The internal modules of firebase-tools that `auth.mjs` loads, as far as it uses them. */

declare module "firebase-tools/lib/emulator/auth/server" {
  import type { RequestListener } from "node:http";

  export function createApp(project: string): Promise<RequestListener>;
}
