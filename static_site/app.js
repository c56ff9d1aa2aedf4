/** Starts the site: the texts, the session, and the frame with the page of the current address. */

import { ApiError, forgetAnswers, getMe, setSignInAgain } from "./api.js";
import { clearResources } from "./data/resource.js";
import { html, render, useEffect, useState } from "./html.js";
import { startRouter } from "./router.js";
import {
  answerSignIn,
  askToSignIn,
  hasSignedOutHere,
  prepareSession,
  rememberMember,
  signInRequests,
  signOut,
  startSession,
  wasMember,
} from "./session.js";
import { preloadPage, Shell, showTheme } from "./shell.js";
import { loadLanguage, texts } from "./texts.js";
import { Button, Failure, PageHeader, Skeleton, Toasts } from "./ui/basic.js";
import { ask, Questions } from "./ui/overlays.js";

/** @import { User } from "/lib/firebase-auth-12.19.0.js" */

/**
 * @typedef {{kind: "starting"} | {kind: "signed out"} | {kind: "stranger", email: string}
 *   | {kind: "failed", error: unknown} | {kind: "member", me: Api.Me}} State
 */

function App() {
  const [state, setState] = useState(/** @type {State} */ ({ kind: "starting" }));
  const [, setTag] = useState("");
  useEffect(() => {
    startSession((user) => onUser(user, setState)).catch((error) => setState({ kind: "failed", error }));
  }, []);
  /** @param {string} wanted */
  const onLanguage = async (wanted) => {
    await loadLanguage(wanted);
    clearResources();
    setTag(wanted);
  };
  return html`
    <a class="skip-link" href="#content">${texts().skipToContent()}</a>
    <${View} state=${state} onLanguage=${onLanguage} />
    <${SignInAgain} /><${Questions} /><${Toasts} />
    <p id="announcements" class="visually-hidden" role="status" aria-live="polite"></p>
  `;
}

/** @type {string | null} */
let memberEmail = null;

/**
 * @param {User | null} user
 * @param {(state: State) => void} setState
 */
async function onUser(user, setState) {
  if (!user) return onSignedOut(setState);
  if (user.email === memberEmail) return; // the same person signed in again: the page stays as it is
  if (memberEmail) return location.reload();
  setState({ kind: "starting" });
  try {
    const me = await getMe(new AbortController().signal);
    memberEmail = user.email;
    rememberMember(true);
    setTimeout(() => loadSignIn().catch(() => {}), SIGN_IN_DELAY);
    setState({ kind: "member", me });
  } catch (error) {
    const isStranger = error instanceof ApiError && error.status === 403;
    setState(isStranger ? { kind: "stranger", email: user.email ?? "" } : { kind: "failed", error });
  }
}

/**
 * A reader who signs out leaves the page; a session that ends somewhere else keeps it, with a dialog over it.
 *
 * @param {(state: State) => void} setState
 */
function onSignedOut(setState) {
  if (memberEmail && !hasSignedOutHere()) return void askToSignIn({ isOffline: false });
  memberEmail = null;
  rememberMember(false);
  clearResources();
  forgetAnswers();
  setState({ kind: "signed out" });
}

/** @param {{state: State, onLanguage: (tag: string) => unknown}} props */
function View({ state, onLanguage }) {
  if (state.kind === "member") return html`<${Shell} me=${state.me} onLanguage=${onLanguage} />`;
  return html`<div class="bare-frame"><main id="content" tabindex="-1"><${Bare} state=${state} onLanguage=${onLanguage} /></main></div>`;
}

/** @param {{state: State, onLanguage: (tag: string) => unknown}} props */
function Bare({ state, onLanguage }) {
  if (state.kind === "signed out") return html`<${SignIn} onLanguage=${onLanguage} />`;
  if (state.kind === "stranger") return html`<${NotAMember} email=${state.email} />`;
  if (state.kind === "failed") return html`<${Failure} error=${state.error} retry=${() => location.reload()} />`;
  return html`<${Loading} />`;
}

/** With what its module imports, so that the browser does not find it one after the other. */
async function loadSignIn() {
  const [page] = await Promise.all([import("./pages/sign_in/sign_in_page.js"), import("./ui/fields.js")]);
  return page;
}

const SIGN_IN_DELAY = 60_000; // ms; a session lasts longer, and the first page needs the network for itself

/** The sign-in page's module, which members need only when their session ends. */
function useSignInModule() {
  const [loaded, setLoaded] = useState(/** @type {Awaited<ReturnType<typeof loadSignIn>> | null} */ (null));
  const [error, setError] = useState(/** @type {unknown} */ (null));
  useEffect(() => {
    loadSignIn().then(setLoaded, setError);
  }, []);
  return { loaded, error };
}

/** @param {{onLanguage: (tag: string) => unknown}} props */
function SignIn({ onLanguage }) {
  const { loaded, error } = useSignInModule();
  if (error) return html`<${Failure} error=${error} retry=${() => location.reload()} />`;
  return loaded ? html`<${loaded.SignInPage} onLanguage=${onLanguage} />` : html`<${Loading} />`;
}

/** The dialog over the page while requests wait for a new session. Without it, they fail, and forms keep their values. */
function SignInAgain() {
  const waiting = signInRequests.use();
  return waiting.length > 0 && html`<${SignInOver} isOffline=${waiting.every(({ isOffline }) => isOffline)} />`;
}

/** @param {{isOffline: boolean}} props */
function SignInOver({ isOffline }) {
  const { loaded, error } = useSignInModule();
  useEffect(() => {
    if (error) answerSignIn(false);
  }, [error]);
  return loaded && html`<${loaded.SignInDialog} isOffline=${isOffline} onDone=${answerSignIn} />`;
}

/** The same as `index.html` shows before this module is loaded. */
const Loading = () => html`<div class="sign-in-card">
  <span class="site-name">${texts().product()}</span>
  <${Skeleton} rows=${1} label=${texts().signIn.loading()} />
</div>`;

/** @param {{email: string}} props */
function NotAMember({ email }) {
  const { title, text, other } = texts().notAMember;
  return html`<div class="sign-in-card">
    <${PageHeader} title=${title()} lead=${text(email)} />
    <${Button} onClick=${signOut}>${other()}<//>
  </div>`;
}

/**
 * Everything that does not need the session is loaded beside it: also the page, if the reader was signed in last time,
 * and the sign-in page if not.
 */
async function start() {
  showTheme();
  prepareSession();
  const language = loadLanguage();
  if (wasMember()) preloadPage(location.pathname);
  else loadSignIn().catch(() => {}); // the page itself says why
  await language;
  setSignInAgain(askToSignIn);
  startRouter({
    askToLeave: (question) => {
      const { leaveTitle, leave, stay } = texts();
      return ask({ title: leaveTitle(), text: question, confirm: leave(), dismiss: stay() });
    },
  });
  const root = /** @type {HTMLElement} */ (document.getElementById("app"));
  root.replaceChildren();
  render(html`<${App} />`, root);
}

start();
