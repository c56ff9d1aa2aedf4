/** The header and the frame around every page. */

import { signOut } from "../session.js";
import { el } from "./dom.js";
import { button } from "./forms.js";

const PAGES = [
  ["/campaigns", "Campaigns"],
  ["/customers", "Customers"],
];

/**
 * Creates the frame: `{element, main, show(path, page)}`. Without `me` it has no navigation.
 *
 * @param {string | null} [email] Of the signed-in user.
 * @param {Api.Me} [me]
 */
export function createShell(email, me) {
  const links = me ? PAGES.map(([path, title]) => el("a", { href: path }, title)) : [];
  const main = el("main", { id: "content", tabindex: "-1" });
  const header = el(
    "header",
    { class: "site-header" },
    el("a", { class: "brand", href: "/" }, "Herald"),
    links.length > 0 && el("nav", { "aria-label": "Main" }, ...links),
    email && account(email, me),
  );
  /**
   * @param {string} path
   * @param {HTMLElement} page
   */
  const show = (path, page) => {
    for (const link of links) markCurrent(link, path);
    main.replaceChildren(page);
  };
  return { element: el("div", { class: "shell" }, header, main), main, show };
}

/**
 * @param {string} email
 * @param {Api.Me} [me]
 */
function account(email, me) {
  const name = el("span", { class: "account-name", title: email }, email);
  const role = me && el("span", { class: "account-role" }, me.role);
  return el(
    "div",
    { class: "account" },
    el("span", { class: "account-identity" }, name, role),
    button("Sign out", { kind: "quiet", onclick: signOut }),
  );
}

/**
 * @param {HTMLElement} link
 * @param {string} path
 */
function markCurrent(link, path) {
  const target = link.getAttribute("href");
  if (path === target) link.setAttribute("aria-current", "page");
  else if (path.startsWith(`${target}/`)) link.setAttribute("aria-current", "true");
  else link.removeAttribute("aria-current");
}
