/** The way in. */

import { announce, el, heading } from "../dom.js";
import { busy, button, field } from "../forms.js";
import { signInLocally, signInWithGoogle } from "../session.js";

const QUIET = ["auth/popup-closed-by-user", "auth/cancelled-popup-request"]; // the reader changed their mind

const WORDS = {
  "auth/internal-error": "Google's sign-in can't be opened. Check your connection and try again.",
  "auth/popup-blocked": "Your browser blocked the sign-in window. Allow pop-ups for this site and try again.",
  "auth/network-request-failed": "The sign-in service can't be reached. Check your connection and try again.",
  "auth/unauthorized-domain": "This address is not among the project's authorized domains for sign-in.",
};

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

/** The local stack needs no network for this: its Auth emulator believes any address. */
function localForm(error) {
  const address = field({ label: "E-mail", name: "email", type: "email", value: "admin@example.com", required: true });
  const submit = button("Sign in locally", { kind: "wide", type: "submit" });
  const onsubmit = (event) => {
    event.preventDefault();
    signIn(() => signInLocally(address.querySelector("input").value), submit, error);
  };
  const hint = el("p", { class: "hint" }, "This is a local stack: any address will do, no password is asked for.");
  return el("form", { class: "local-sign-in", onsubmit }, hint, address, submit);
}

async function signIn(work, control, error) {
  error.textContent = "";
  try {
    await busy([control], work);
    announce("You are signed in");
  } catch (problem) {
    error.textContent = QUIET.includes(problem.code) ? "" : (WORDS[problem.code] ?? problem.message);
  }
}
