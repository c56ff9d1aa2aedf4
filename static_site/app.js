/** Starts the site: signs the reader in, and shows the page of the current path. */

import { ApiError, getFields, getMe } from "./api.js";
import { setFields } from "./data/fields.js";
import { campaignPage } from "./pages/campaigns/campaign_page.js";
import { campaignsPage } from "./pages/campaigns/list_page.js";
import { newCampaignPage } from "./pages/campaigns/new_campaign_page.js";
import { customersPage } from "./pages/customers/list_page.js";
import { importPage } from "./pages/imports/import_page.js";
import { notFoundPage } from "./pages/not_found_page.js";
import { notAMemberPage } from "./pages/sign_in/not_a_member_page.js";
import { signInPage } from "./pages/sign_in/sign_in_page.js";
import { match, navigate, startRouter } from "./router.js";
import { startSession } from "./session.js";
import { announce, el } from "./ui/dom.js";
import { createShell } from "./ui/shell.js";
import { failed, loading } from "./ui/states.js";

/** @import { User } from "/lib/firebase-auth.js" */

/** @type {[string, (options: Ui.PageOptions) => HTMLElement][]} */
const ROUTES = [
  ["/campaigns", campaignsPage],
  ["/campaigns/new", newCampaignPage],
  ["/campaigns/:id", campaignPage],
  ["/customers", customersPage],
  ["/customers/import", importPage],
];

const root = /** @type {HTMLElement} */ (document.getElementById("app"));
let shell = createShell();
/** @type {Api.Me | null} */
let member = null; // the signed-in member; null until the reader is one
let currentPage = new AbortController(); // aborted when the reader leaves the page

async function start() {
  try {
    const session = startSession((user) => onUserChange(user, session));
    await session;
  } catch (error) {
    root.replaceChildren(failed(error, () => location.reload()));
  }
}

/**
 * @param {User | null} user
 * @param {Promise<{isLocal: boolean}>} session
 */
async function onUserChange(user, session) {
  const { isLocal } = await session;
  leavePage();
  member = null;
  if (!user) return showWithoutNavigation(null, signInPage({ isLocal }));
  showWithoutNavigation(user.email, loading("Signing you in…"));
  return loadMember(user);
}

/** @param {User} user */
async function loadMember(user) {
  const { signal } = currentPage;
  try {
    const [me, fields] = await Promise.all([getMe(signal), getFields(signal)]);
    if (!signal.aborted) enter(me, fields.items);
  } catch (error) {
    if (signal.aborted) return;
    const isNotAMember = error instanceof ApiError && error.status === 403;
    const page = isNotAMember ? notAMemberPage(user) : failed(error, () => loadMember(user));
    showWithoutNavigation(user.email, page);
  }
}

/**
 * @param {Api.Me} me
 * @param {Api.Field[]} fields
 */
function enter(me, fields) {
  setFields(fields);
  member = me;
  shell = createShell(me.email, me);
  root.replaceChildren(shell.element);
  showPage(location.pathname);
}

/**
 * @param {string | null} email
 * @param {HTMLElement} page
 */
function showWithoutNavigation(email, page) {
  shell = createShell(email);
  root.replaceChildren(shell.element);
  shell.show(location.pathname, page);
}

/**
 * Shows the page of a new path. Before the reader is signed in, every path shows the same page.
 *
 * @param {string} path
 * @param {string} [notice]
 */
function onPath(path, notice) {
  if (!member) return;
  showPage(path, notice);
  shell.main.focus({ preventScroll: true });
  announce(document.title);
}

/**
 * @param {string} path
 * @param {string} [notice]
 */
function showPage(path, notice) {
  if (!member) return;
  if (path === "/") return navigate("/campaigns", { replace: true });
  leavePage();
  const { page, params } = match(ROUTES, path) ?? { page: notFoundPage, params: {} };
  const content = page({ me: member, params, signal: currentPage.signal });
  if (notice) content.prepend(el("p", { class: "notice", role: "alert" }, notice));
  shell.show(path, content);
}

function leavePage() {
  currentPage.abort();
  currentPage = new AbortController();
}

startRouter(onPath);
start();
