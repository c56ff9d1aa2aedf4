/** Signs the reader in and out with Firebase Authentication. */

import { initializeApp } from "/lib/firebase-app.js";
import {
  connectAuthEmulator,
  signOut as firebaseSignOut,
  GoogleAuthProvider,
  getAuth,
  onAuthStateChanged,
  signInWithCredential,
  signInWithPopup,
} from "/lib/firebase-auth.js";
import { getConfig, setTokenSource } from "./api.js";

/** @import { Auth, User } from "/lib/firebase-auth.js" */

/** @type {Auth} */
let auth;

/**
 * Calls `onChange(user or null)` at once and at each change. Returns whether this is the local stack.
 *
 * @param {(user: User | null) => void} onChange
 */
export async function startSession(onChange) {
  const { authEmulatorUrl, ...config } = await getConfig();
  auth = getAuth(initializeApp(config));
  if (authEmulatorUrl) connectAuthEmulator(auth, authEmulatorUrl, { disableWarnings: true });
  setTokenSource(async () => auth.currentUser?.getIdToken());
  onAuthStateChanged(auth, onChange);
  return { isLocal: Boolean(authEmulatorUrl) };
}

export const signInWithGoogle = () => signInWithPopup(auth, new GoogleAuthProvider());

/**
 * Signs in with a new Google account for this address. Only the Auth emulator accepts such an unsigned credential.
 *
 * @param {string} address
 */
export function signInLocally(address) {
  const email = address.trim().toLowerCase();
  const claims = { sub: email, email, email_verified: true };
  return signInWithCredential(auth, GoogleAuthProvider.credential(JSON.stringify(claims)));
}

export const signOut = () => firebaseSignOut(auth);

/** @param {Api.Me} me */
export const mayWrite = (me) => me.role !== "viewer";
