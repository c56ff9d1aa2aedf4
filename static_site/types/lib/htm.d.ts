/** `lib/htm-….js` is a copy of npm's `htm/dist/htm.module.js`. */
export { default } from "htm";
