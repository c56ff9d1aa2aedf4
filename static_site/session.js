/** Signs the reader in and out with Firebase Authentication. */

import { initializeApp } from "/lib/firebase-app-12.19.0.js";
import {
  browserLocalPersistence,
  browserPopupRedirectResolver,
  connectAuthEmulator,
  signOut as firebaseSignOut,
  GoogleAuthProvider,
  indexedDBLocalPersistence,
  initializeAuth,
  onAuthStateChanged,
  signInWithCredential,
  signInWithPopup,
} from "/lib/firebase-auth-12.19.0.js";
import { getConfig, setTokenSource, TokenError } from "./api.js";
import { createStore } from "./html.js";

/** @import { Auth, User } from "/lib/firebase-auth-12.19.0.js" */

/** @type {Auth} */
let auth;
let isLocalStack = false;

/** @type {Promise<void> | undefined} */
let isReady;

/** Lets Firebase find out who is signed in, beside all else that is loaded first. */
export function prepareSession() {
  isReady = getConfig().then(initialize);
  isReady.catch(() => {}); // `startSession` throws it
}

/** @param {Api.FirebaseConfig} config */
function initialize({ authEmulatorUrl, ...project }) {
  isLocalStack = Boolean(authEmulatorUrl);
  // Without a popup resolver here, Google's code is loaded only when the reader presses the button.
  auth = initializeAuth(initializeApp(project), { persistence: [indexedDBLocalPersistence, browserLocalPersistence] });
  if (authEmulatorUrl) connectAuthEmulator(auth, authEmulatorUrl, { disableWarnings: true });
  setTokenSource(getToken);
}

/**
 * Calls `onChange(user or null)` at once and at each change.
 *
 * @param {(user: User | null) => void} onChange
 */
export async function startSession(onChange) {
  await (isReady ?? getConfig().then(initialize));
  onAuthStateChanged(auth, onChange);
}

/** Whether this is the local stack. */
export const isLocal = () => isLocalStack;

/** The ID token of the reader; undefined if nobody is signed in. */
async function getToken() {
  try {
    return await auth.currentUser?.getIdToken();
  } catch (cause) {
    throw new TokenError({ isOffline: errorCode(cause) === "auth/network-request-failed" });
  }
}

/** Asks Google for a new token, as after a lost connection. Returns whether there is one. */
export const renewToken = () =>
  (auth.currentUser?.getIdToken(true) ?? Promise.reject()).then(
    () => true,
    () => false,
  );

/** @typedef {{isOffline: boolean, resolve: (isDone: boolean) => void}} SignInRequest */

/** The requests that wait for the reader to sign in again: the application shows a dialog while there are any. */
export const signInRequests = createStore(/** @type {SignInRequest[]} */ ([]));

/**
 * Lets the reader sign in over the page. Returns whether they did.
 *
 * @param {{isOffline: boolean}} reason
 * @returns {Promise<boolean>}
 */
export const askToSignIn = ({ isOffline }) =>
  new Promise((resolve) => {
    signInRequests.set([...signInRequests.get(), { isOffline, resolve }]);
  });

/**
 * Answers all requests that wait.
 *
 * @param {boolean} isDone
 */
export function answerSignIn(isDone) {
  const waiting = signInRequests.get();
  signInRequests.set([]);
  for (const { resolve } of waiting) resolve(isDone);
}

/**
 * The code of an error of Firebase, such as `auth/popup-blocked`; "" for other errors.
 *
 * @param {unknown} error
 */
export const errorCode = (error) => (error instanceof Error && "code" in error ? String(error.code) : "");

export const signInWithGoogle = () => signInWithPopup(auth, new GoogleAuthProvider(), browserPopupRedirectResolver);

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

const MEMBER = "member";

/** Whether the last reader of this browser was signed in as a member. A hint only: the server decides. */
export const wasMember = () => localStorage.getItem(MEMBER) !== null;

/** @param {boolean} isMember */
export function rememberMember(isMember) {
  if (isMember) localStorage.setItem(MEMBER, "yes");
  else localStorage.removeItem(MEMBER);
}

let isLeaving = false;

/** Whether the reader signed out in this tab, so that the session did not end by itself. */
export const hasSignedOutHere = () => isLeaving;

export function signOut() {
  isLeaving = true;
  return firebaseSignOut(auth);
}

const RANKS = ["viewer", "manager", "admin"];

/**
 * Whether the role of a member is enough for `role`.
 *
 * @param {Api.Me} me
 * @param {Ui.Role} role
 */
export const hasRole = (me, role) => RANKS.indexOf(me.role) >= RANKS.indexOf(role);

/** @param {Api.Me} me */
export const mayWrite = (me) => hasRole(me, "manager");

/**
 * Whether a member may launch campaigns, and approve those of others.
 *
 * @param {Api.Me} me
 */
export const maySend = (me) => mayWrite(me) && me.may_send !== false;
