/** Signing in: the page, and the dialog over another page when the session has ended. */

import { html, useState } from "../../html.js";
import { errorCode, isLocal, renewToken, signInLocally, signInWithGoogle } from "../../session.js";
import { LANGUAGES, language, texts } from "../../texts.js";
import { announce, Button, Icon, Notice, PageHeader } from "../../ui/basic.js";
import { Field } from "../../ui/fields.js";
import { Dialog } from "../../ui/overlays.js";

/** Errors without a message: the reader closed the window. */
const SILENT_ERRORS = ["auth/popup-closed-by-user", "auth/cancelled-popup-request"];

/** @param {{onLanguage: (tag: string) => unknown}} props */
export function SignInPage({ onLanguage }) {
  const { signIn, account } = texts();
  return html`<div class="sign-in-card">
    <span class="site-name">${texts().product()}</span>
    <${PageHeader} title=${signIn.title()} lead=${signIn.lead()} />
    <ul class="points">${signIn.points().map((point) => html`<li key=${point}><${Icon} name="check" />${point}</li>`)}</ul>
    <${SignInForm} onDone=${() => announce(signIn.done())} />
    <div class="button-row" role="group" aria-label=${account.language()}>
      ${LANGUAGES.map(
        (tag) => html`<${Button}
          key=${tag} kind="quiet" isSmall aria-pressed=${tag === language()} lang=${tag} onClick=${() => onLanguage(tag)}
        >${account.languages[/** @type {"en"} */ (tag)]()}<//>`,
      )}
    </div>
  </div>`;
}

/** @param {{onDone: () => unknown}} props */
function SignInForm({ onDone }) {
  const { signIn } = texts();
  const [problem, setProblem] = useState("");
  const [email, setEmail] = useState("admin@example.com");
  /** @param {() => Promise<unknown>} work */
  const attempt = async (work) => {
    setProblem("");
    try {
      await work();
      onDone();
    } catch (error) {
      setProblem(problemText(error));
    }
  };
  /** @param {Event} event */
  const onSubmit = (event) => {
    event.preventDefault();
    return attempt(() => signInLocally(email));
  };
  return html`<div class="stack-view">
    <${Button} kind="primary wide" onClick=${() => attempt(signInWithGoogle)}><${GoogleMark} />${signIn.google()}<//>
    ${problem && html`<${Notice} tone="bad">${problem}<//>`}
    ${
      isLocal() &&
      html`<form class="card" onSubmit=${onSubmit}>
      <p class="form-hint">${signIn.localHint()}</p>
      <${Field} label=${signIn.email()} type="email" name="email" value=${email} onChange=${setEmail} required autocomplete="email" />
      <${Button} type="submit" kind="wide">${signIn.local()}<//>
    </form>`
    }
  </div>`;
}

/** @param {unknown} error */
function problemText(error) {
  const code = errorCode(error);
  if (SILENT_ERRORS.includes(code)) return "";
  const own = texts().signIn.errors[/** @type {"auth/internal-error"} */ (code)];
  return own ? own() : texts().signIn.errors["auth/internal-error"]();
}

const GoogleMark = () => html`<svg class="google-mark" viewBox="0 0 18 18" aria-hidden="true">
  <circle cx="9" cy="9" r="9" fill="#fff" />
  <path fill="#4285f4" d="M14.300 9.120c0-.4-.03-.7-.1-1.030H9.100v1.870h3c-.06.460-.390 1.160-1.110 1.630l1.610 1.250c1-.9 1.700-2.200 1.700-3.720z" />
  <path fill="#34a853" d="M9.100 14.400c1.460 0 2.690-.480 3.580-1.310l-1.700-1.320c-.460.320-1.070.540-1.880.54a3.260 3.260 0 0 1-3.090-2.250L4.300 11.400A5.400 5.400 0 0 0 9.100 14.400z" />
  <path fill="#fbbc05" d="M6.010 10.060a3.300 3.300 0 0 1 0-2.120L4.250 6.600a5.400 5.400 0 0 0 0 4.800z" />
  <path fill="#ea4335" d="M9.100 5.690c1.020 0 1.700.440 2.090.8l1.530-1.490A5.200 5.200 0 0 0 9.100 3.600a5.400 5.400 0 0 0-4.800 3l1.760 1.340A3.270 3.270 0 0 1 9.100 5.690z" />
</svg>`;

/**
 * The dialog over another page, once for all requests that wait. `onDone` says whether the reader signed in again.
 *
 * @param {{isOffline: boolean, onDone: (isDone: boolean) => void}} props
 */
export function SignInDialog({ isOffline, onDone }) {
  const { signIn, actions } = texts();
  const retry = async () => (await renewToken()) && onDone(true);
  return html`<${Dialog}
    title=${isOffline ? signIn.offlineTitle() : signIn.againTitle()} onClose=${() => onDone(false)}
    actions=${isOffline && html`<${Button} kind="primary" onClick=${retry}>${actions.retry()}<//>`}
  >
    <p>${isOffline ? signIn.offlineText() : signIn.againText()}</p>
    ${!isOffline && html`<${SignInForm} onDone=${() => onDone(true)} />`}
  <//>`;
}
