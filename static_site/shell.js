/** What stands around every page. */

import { el } from "./dom.js";
import { button } from "./forms.js";
import { signOut } from "./session.js";

const PAGES = [
  ["/campaigns", "Campaigns"],
  ["/customers", "Customers"],
];

/** `{element, show(path, page)}`; without `me` nobody may see pages, and there is no navigation. */
export function shell(email, { me } = {}) {
  const links = me ? PAGES.map(([path, title]) => el("a", { href: path }, title)) : [];
  const main = el("main", { id: "content", tabindex: "-1" });
  const header = el(
    "header",
    { class: "site-header" },
    el("a", { class: "brand", href: "/" }, "Herald"),
    links.length > 0 && el("nav", { "aria-label": "Main" }, ...links),
    email && account(email, me),
  );
  const show = (path, page) => {
    links.forEach((link) => mark(link, path));
    main.replaceChildren(page);
  };
  return { element: el("div", { class: "shell" }, header, main), main, show };
}

function account(email, me) {
  const name = el("span", { class: "account-name", title: email }, email);
  const role = me && el("span", { class: "account-role" }, me.role);
  return el(
    "div",
    { class: "account" },
    el("span", { class: "account-who" }, name, role),
    button("Sign out", { kind: "quiet", onclick: signOut }),
  );
}

function mark(link, path) {
  const here = link.getAttribute("href");
  if (path === here) link.setAttribute("aria-current", "page");
  else if (path.startsWith(`${here}/`)) link.setAttribute("aria-current", "true");
  else link.removeAttribute("aria-current");
}
