/** All customers, or the customers that match a search or a rule, and the form that adds one. */

import { customers } from "../../api.js";
import { mayWrite } from "../../session.js";
import { ago, dateTime, money, number } from "../../texts/format.js";
import { el, find, heading } from "../../ui/dom.js";
import { button } from "../../ui/forms.js";
import { PagedList } from "../../ui/paged_list.js";
import { empty } from "../../ui/states.js";
import { table } from "../../ui/table.js";
import { customerFilters } from "./customer_filters.js";
import { customerForm } from "./customer_form.js";

const LIMIT = 50;

/** @param {Ui.PageOptions} options */
export function customersPage({ me, signal }) {
  const filters = customerFilters({ me, signal, onchange: () => list.reload() });
  const list = new PagedList({
    load: (after, current) => customers.list({ after, limit: LIMIT, ...filters.query() }, current),
    render: (rows) => table({ caption: "Customers", columns: columns(me), rows }),
    renderEmpty: () => empty(isFiltered(filters.query()) ? "No customer matches." : "There are no customers yet."),
    signal,
  });
  list.reload();
  const addition = mayWrite(me) ? customerAddition(() => list.reload()) : null;
  return el(
    "div",
    { class: "page" },
    el("div", { class: "page-header" }, heading("Customers"), mayWrite(me) && importLink(), addition?.toggle),
    addition?.panel,
    filters.element,
    el("section", { class: "panel flush", "aria-label": "All customers" }, list.element),
  );
}

/** @param {{search: string, filter: string | null}} query */
const isFiltered = ({ search, filter }) => Boolean(search || filter);

const importLink = () => el("a", { class: "button", href: "/customers/import" }, "Import");

/**
 * A form, and the button that opens and closes it.
 *
 * @param {() => void} onAdded
 */
function customerAddition(onAdded) {
  const form = customerForm({ onAdded });
  const panel = el("section", { class: "panel", "aria-label": "Add a customer", hidden: true }, form);
  const toggle = button("Add customer", { kind: "primary", "aria-expanded": "false" });
  toggle.addEventListener("click", () => {
    panel.hidden = !panel.hidden;
    toggle.setAttribute("aria-expanded", String(!panel.hidden));
    find(panel, "input").focus();
  });
  return { panel, toggle };
}

/**
 * @param {Api.Me} me
 * @returns {Ui.Column<Api.Customer>[]}
 */
const columns = ({ currency }) => [
  { title: "Name", cell: ({ name }) => name },
  { title: "E-mail", cell: ({ email }) => email },
  { title: "Phone", cell: ({ phone }) => phone && el("span", { class: "nowrap" }, phone) },
  { title: "City", cell: ({ city }) => city },
  { title: "Spend", isNumber: true, cell: ({ spend }) => money(spend, currency) },
  { title: "Visits", isNumber: true, cell: ({ visits }) => number(visits) },
  {
    title: "Last active",
    cell: ({ last_active_at: at }) => at && el("time", { datetime: at, title: dateTime(at) }, ago(at)),
  },
];
