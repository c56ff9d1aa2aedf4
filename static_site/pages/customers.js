/** All customers, or those whom a search or a rule leaves over, and adding one. */

import { customers } from "../api.js";
import { el, heading } from "../dom.js";
import { button } from "../forms.js";
import { ago, moment, money, number } from "../format.js";
import { PagedList } from "../paged.js";
import { mayWrite } from "../session.js";
import { empty } from "../states.js";
import { table } from "../table.js";
import { customerFilters } from "./customer_filters.js";
import { customerForm } from "./customer_form.js";

const LIMIT = 50;

export function customersPage({ me, signal }) {
  const filters = customerFilters({ me, signal, onchange: () => list.reload() });
  const list = new PagedList({
    load: (after, current) => customers.list({ after, limit: LIMIT, ...filters.query() }, current),
    render: (rows) => table({ caption: "Customers", columns: columns(me), rows }),
    whenEmpty: () => empty(isNarrowed(filters.query()) ? "Nobody is left over." : "No customer yet."),
    signal,
  });
  list.reload();
  const adding = mayWrite(me) ? addition(() => list.reload()) : {};
  return el(
    "div",
    { class: "page" },
    el("div", { class: "page-header" }, heading("Customers"), mayWrite(me) && importLink(), adding.toggle),
    adding.panel,
    filters.element,
    el("section", { class: "panel flush", "aria-label": "All customers" }, list.element),
  );
}

const isNarrowed = ({ search, filter }) => Boolean(search || filter);

const importLink = () => el("a", { class: "button", href: "/customers/import" }, "Import");

/** A button and the form that it opens and closes. */
function addition(onadded) {
  const panel = el(
    "section",
    { class: "panel", "aria-label": "Add a customer", hidden: true },
    customerForm({ onadded }),
  );
  const toggle = button("Add customer", { kind: "primary", "aria-expanded": "false" });
  toggle.addEventListener("click", () => {
    panel.hidden = !panel.hidden;
    toggle.setAttribute("aria-expanded", String(!panel.hidden));
    panel.querySelector("input").focus();
  });
  return { panel, toggle };
}

const columns = ({ currency }) => [
  { title: "Name", cell: ({ name }) => name },
  { title: "E-mail", cell: ({ email }) => email },
  { title: "Phone", cell: ({ phone }) => phone && el("span", { class: "nowrap" }, phone) },
  { title: "City", cell: ({ city }) => city },
  { title: "Spend", isNumber: true, cell: ({ spend }) => money(spend, currency) },
  { title: "Visits", isNumber: true, cell: ({ visits }) => number(visits) },
  {
    title: "Last active",
    cell: ({ last_active_at: at }) => at && el("time", { datetime: at, title: moment(at) }, ago(at)),
  },
];
