/** Search, filter and order of the customer list. */

import { AudienceEditor } from "../../audience/editor.js";
import { conditionFields, kindOf } from "../../audience/fields.js";
import { debounce } from "../../data/debounce.js";
import { el, find } from "../../ui/dom.js";
import { button, field } from "../../ui/forms.js";

const DELAY = 200;

const NEWEST_FIRST = "-created_at";

/**
 * The orders of each kind of field: the prefix of the field's name in the request, and the label after the field's.
 *
 * @type {Partial<Record<Ui.ValueKind, string[][]>>}
 */
const DIRECTIONS = {
  number: [
    ["-", "highest first"],
    ["", "lowest first"],
  ],
  date: [
    ["-", "latest first"],
    ["", "earliest first"],
  ],
  text: [["", "A to Z"]],
};

/** @typedef {{me: Api.Me, signal: AbortSignal, onchange: () => void}} FilterOptions */

/**
 * Returns `{element, query()}`. `query()` is `{search, sort, filter}`. `onchange()` is called when it changes.
 *
 * @param {FilterOptions} options
 */
export function customerFilters({ me, signal, onchange }) {
  const onInput = debounce(onchange, DELAY);
  const search = field({
    label: "Search",
    name: "search",
    type: "search",
    placeholder: "Name, e-mail or phone",
    autocomplete: "off",
    oninput: () => onInput(undefined),
  });
  const order = field({
    label: "Order",
    name: "sort",
    tag: "select",
    children: orderOptions(),
    value: NEWEST_FIRST,
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
      search: find(search, "input").value.trim(),
      sort: find(order, "select").value,
      filter: rule.filter(),
    }),
  };
}

function orderOptions() {
  const fields = conditionFields().filter(({ sortable }) => sortable);
  return fields.flatMap(({ name, label }) =>
    (DIRECTIONS[kindOf(name)] ?? []).map(([prefix, direction]) =>
      el("option", { value: prefix + name }, `${label}: ${direction}`),
    ),
  );
}

/**
 * A rule that filters while it is open. While the rule has an error, the last valid rule filters.
 *
 * @param {FilterOptions} options
 */
function ruleFilter({ me, signal, onchange }) {
  /** @type {string | null} */
  let current = null;
  /** @param {Api.Preview | null} preview */
  const onPreview = (preview) => accept(preview?.text ?? null);
  const editor = new AudienceEditor({ me, signal, legend: "Choose which customers to show", onPreview });
  const element = el("div", { class: "rule-filter", hidden: true }, editor.element);
  const toggle = button("Filter by a rule", { "aria-expanded": "false", onclick: toggleFilter });

  /** @param {string | null} text */
  function accept(text) {
    const isNew = text !== current;
    current = text;
    if (isNew && !element.hidden) onchange();
  }

  function toggleFilter() {
    element.hidden = !element.hidden;
    toggle.setAttribute("aria-expanded", String(!element.hidden));
    if (current) onchange();
  }

  return { toggle, element, filter: () => (element.hidden ? null : current) };
}
