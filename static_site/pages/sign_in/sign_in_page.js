/** The sign-in page. */

import { signInLocally, signInWithGoogle } from "../../session.js";
import { announce, el, find, heading } from "../../ui/dom.js";
import { busy, button, field } from "../../ui/forms.js";

/** Errors without a message: the reader closed the window. */
const SILENT_ERRORS = ["auth/popup-closed-by-user", "auth/cancelled-popup-request"];

/** @type {Record<string, string>} */
const ERROR_TEXTS = {
  "auth/internal-error": "Google's sign-in cannot be opened. Check your connection and try again.",
  "auth/popup-blocked": "Your browser blocked the sign-in window. Allow pop-ups for this site and try again.",
  "auth/network-request-failed": "The sign-in service cannot be reached. Check your connection and try again.",
  "auth/unauthorized-domain": "This address is not in the list of authorized domains of the Firebase project.",
};

/** @param {{isLocal: boolean}} options */
export function signInPage({ isLocal }) {
  const error = el("p", { class: "form-error", role: "alert" });
  const google = button("Sign in with Google", { kind: "primary wide" });
  google.addEventListener("click", () => signIn(signInWithGoogle, google, error));
  return el(
    "div",
    { class: "page narrow sign-in" },
    heading("Sign in to Herald"),
    el("p", { class: "lead" }, "One personal message for every person in an audience, exactly once."),
    el("section", { class: "panel", "aria-label": "Sign in" }, google, error, isLocal && localForm(error)),
  );
}

/**
 * The sign-in of the local stack. It needs no network: the Auth emulator accepts every address.
 *
 * @param {HTMLElement} error
 */
function localForm(error) {
  const address = field({ label: "E-mail", name: "email", type: "email", value: "admin@example.com", required: true });
  const submit = button("Sign in locally", { kind: "wide", type: "submit" });
  /** @param {SubmitEvent} event */
  const onsubmit = (event) => {
    event.preventDefault();
    signIn(() => signInLocally(find(address, "input").value), submit, error);
  };
  const hint = el("p", { class: "hint" }, "This is a local stack. Every address works, and there is no password.");
  return el("form", { class: "local-sign-in", onsubmit }, hint, address, submit);
}

/**
 * @param {() => Promise<unknown>} work
 * @param {HTMLButtonElement} control
 * @param {HTMLElement} error
 */
async function signIn(work, control, error) {
  error.textContent = "";
  try {
    await busy([control], work);
    announce("You are signed in");
  } catch (problem) {
    error.textContent = errorText(problem);
  }
}

/** @param {unknown} error */
function errorText(error) {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (SILENT_ERRORS.includes(code)) return "";
  return ERROR_TEXTS[code] ?? (error instanceof Error ? error.message : String(error));
}
