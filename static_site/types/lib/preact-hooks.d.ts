/** `lib/preact-hooks-….js` is a copy of npm's `preact/hooks/dist/hooks.mjs`. */
export * from "preact/hooks";
