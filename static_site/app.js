/** Starts the site: finds out who is there, and shows them the page they asked for. */

import { getMe } from "./api.js";
import { announce, el } from "./dom.js";
import { campaignPage } from "./pages/campaign.js";
import { campaignsPage } from "./pages/campaigns.js";
import { customersPage } from "./pages/customers.js";
import { importPage } from "./pages/import.js";
import { newCampaignPage } from "./pages/new_campaign.js";
import { notFoundPage } from "./pages/not_found.js";
import { signInPage } from "./pages/sign_in.js";
import { strangerPage } from "./pages/stranger.js";
import { match, navigate, startRouter } from "./router.js";
import { startSession } from "./session.js";
import { shell } from "./shell.js";
import { failed, loading } from "./states.js";

const ROUTES = [
  ["/campaigns", campaignsPage],
  ["/campaigns/new", newCampaignPage],
  ["/campaigns/:id", campaignPage],
  ["/customers", customersPage],
  ["/customers/import", importPage],
];

const root = document.getElementById("app");
let frame; // the shell of whoever is signed in
let member; // `{email, role, currency}` of a signed-in member
let leaving = new AbortController(); // aborted when the reader leaves the page that is shown

async function start() {
  try {
    const session = startSession((user) => welcome(user, session));
    await session;
  } catch (error) {
    root.replaceChildren(failed(error, () => location.reload()));
  }
}

async function welcome(user, session) {
  const { isLocal } = await session;
  leave();
  member = null;
  if (!user) return showAlone(null, signInPage({ isLocal }));
  showAlone(user.email, loading("Signing you in…"));
  await admit(user);
}

async function admit(user) {
  const { signal } = leaving;
  try {
    const me = await getMe(signal);
    if (!signal.aborted) enter(me);
  } catch (error) {
    if (signal.aborted) return;
    const page = error.status === 403 ? strangerPage(user) : failed(error, () => admit(user));
    showAlone(user.email, page);
  }
}

function enter(me) {
  member = me;
  frame = shell(me.email, { me });
  root.replaceChildren(frame.element);
  showPage(location.pathname);
}

function showAlone(email, page) {
  frame = shell(email);
  root.replaceChildren(frame.element);
  frame.show(location.pathname, page);
}

/** The reader went to another path; before they are signed in there is only one page, wherever they are. */
function goTo(path, notice) {
  if (!member) return;
  showPage(path, notice);
  frame.main.focus({ preventScroll: true });
  announce(document.title);
}

function showPage(path, notice) {
  if (path === "/") return navigate("/campaigns", { replace: true });
  leave();
  const { page, params } = match(ROUTES, path) ?? { page: notFoundPage, params: {} };
  const content = page({ me: member, params, signal: leaving.signal });
  if (notice) content.prepend(el("p", { class: "notice", role: "alert" }, notice));
  frame.show(path, content);
}

function leave() {
  leaving.abort();
  leaving = new AbortController();
}

startRouter(goTo);
start();
