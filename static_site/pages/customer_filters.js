/** What narrows the list of customers down, and puts it in order. */

import { AudienceEditor } from "../audience/editor.js";
import { el } from "../dom.js";
import { button, field } from "../forms.js";
import { latest } from "../latest.js";

const DELAY = 200;

const ORDERS = {
  "-created_at": "Newest first",
  name: "Name",
  "-spend": "Highest spend first",
  "-orders": "Most orders first",
  "-average_order_value": "Highest average order first",
  "-visits": "Most visits first",
  "-last_active_at": "Last active first",
  last_active_at: "Longest inactive first",
  city: "City",
};

/** `{element, query()}`: `query()` is `{search, sort, filter}`; `onchange()` is called when it is another one. */
export function customerFilters({ me, signal, onchange }) {
  const later = latest(onchange, DELAY);
  const search = field({
    label: "Search",
    name: "search",
    type: "search",
    placeholder: "Name, e-mail or phone",
    autocomplete: "off",
    oninput: () => later(),
  });
  const order = field({
    label: "Order",
    name: "sort",
    tag: "select",
    children: Object.entries(ORDERS).map(([value, label]) => el("option", { value }, label)),
    onchange,
  });
  const rule = ruleFilter({ me, signal, onchange });
  return {
    element: el(
      "section",
      { class: "panel filters", "aria-label": "Filters" },
      el("div", { class: "filter-line" }, search, order, rule.toggle),
      rule.element,
    ),
    query: () => ({
      search: search.querySelector("input").value.trim(),
      sort: order.querySelector("select").value,
      filter: rule.filter(),
    }),
  };
}

/** A rule that filters as long as it is open: the last one that was right. */
function ruleFilter({ me, signal, onchange }) {
  let found = null;
  const onfound = (preview) => take(preview?.text ?? null);
  const editor = new AudienceEditor({ me, signal, legend: "Say who to show", onfound });
  const element = el("div", { class: "rule-filter", hidden: true }, editor.element);
  const toggle = button("Filter by a rule", { "aria-expanded": "false", onclick: turn });

  function take(text) {
    const isNew = text !== found;
    found = text;
    if (isNew && !element.hidden) onchange();
  }

  function turn() {
    element.hidden = !element.hidden;
    toggle.setAttribute("aria-expanded", String(!element.hidden));
    if (found) onchange();
  }

  return { toggle, element, filter: () => (element.hidden ? null : found) };
}
