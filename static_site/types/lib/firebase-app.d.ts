/** `lib/firebase-app-….js` is a copy of npm's `firebase/firebase-app.js`. */
export * from "firebase/app";
