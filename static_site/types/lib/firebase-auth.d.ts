/** `lib/firebase-auth-….js` is a copy of npm's `firebase/firebase-auth.js`. */
export * from "firebase/auth";
