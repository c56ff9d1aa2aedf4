/** Who is signed in, through Firebase Authentication. */

import { authorize, getConfig } from "./api.js";
import { initializeApp } from "./lib/firebase-app.js";
import {
  connectAuthEmulator,
  getAuth,
  GoogleAuthProvider,
  onAuthStateChanged,
  signInWithCredential,
  signInWithPopup,
  signOut as leave,
} from "./lib/firebase-auth.js";

let auth;

/** Calls `onChange(user or null)` at once and at each change. Answers whether this is the local stack. */
export async function startSession(onChange) {
  const { authEmulatorUrl, ...config } = await getConfig();
  auth = getAuth(initializeApp(config));
  if (authEmulatorUrl) connectAuthEmulator(auth, authEmulatorUrl, { disableWarnings: true });
  authorize(async () => auth.currentUser?.getIdToken());
  onAuthStateChanged(auth, onChange);
  return { isLocal: Boolean(authEmulatorUrl) };
}

export const signInWithGoogle = () => signInWithPopup(auth, new GoogleAuthProvider());

/** Only the Auth emulator takes such an unsigned credential: a Google account made up on the spot. */
export function signInLocally(address) {
  const email = address.trim().toLowerCase();
  const claims = { sub: email, email, email_verified: true };
  return signInWithCredential(auth, GoogleAuthProvider.credential(JSON.stringify(claims)));
}

export const signOut = () => leave(auth);

export const mayWrite = (me) => me.role !== "viewer";
