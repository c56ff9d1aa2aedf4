/** `lib/preact-….js` is a copy of npm's `preact/dist/preact.mjs`. */
export * from "preact";
