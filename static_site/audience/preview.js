/** Which customers a rule matches: the number, the rule in words, and some examples. */

import { el } from "../dom/dom.js";
import { table } from "../dom/table.js";
import { ago, money, number } from "../texts/format.js";
import { excludedText } from "../texts/reach.js";
import { Distribution } from "./distribution.js";

/**
 * Returns `{element, show(preview), setBusy(), showText(text)}`.
 *
 * @param {{me: Api.Me, signal: AbortSignal}} options
 */
export function previewPanel({ me, signal }) {
  const count = el("p", { class: "count", role: "status" });
  const details = el("div");
  const distribution = new Distribution({ signal });
  const element = el("section", { class: "preview", "aria-label": "Preview" }, count, details, distribution.element);
  /**
   * @param {Api.RuleInput | null} rule
   * @param {(Node | string)[]} headline
   * @param {(Node | string)[]} content
   */
  const set = (rule, headline, content) => {
    distribution.setRule(rule);
    element.setAttribute("aria-busy", "false");
    count.replaceChildren(...headline);
    details.replaceChildren(...content);
  };
  return {
    element,
    /** @param {Api.Preview} preview */
    show: (preview) => set({ rules: preview.rules }, countLine(preview), previewDetails(preview, me.currency)),
    /** @param {string} text */
    showText: (text) => set(null, [el("span", { class: "muted" }, text)], []),
    setBusy: () => element.setAttribute("aria-busy", "true"),
  };
}

/** @param {Api.Preview} preview */
const countLine = ({ count }) => [el("strong", {}, number(count)), count === 1 ? " customer" : " customers"];

/**
 * @param {Api.Preview} preview
 * @param {string} currency
 */
const previewDetails = (preview, currency) => [
  el("p", { class: "description" }, preview.words),
  excluded(preview),
  partCounts(preview),
  samples(preview, currency),
];

/**
 * How many customers would get no message, and why.
 *
 * @param {Api.Preview} preview
 */
function excluded(preview) {
  const text = excludedText(preview);
  return text && el("p", { class: "muted" }, text);
}

/**
 * How many customers each part matches alone. A rule with one part has no such table.
 *
 * @param {Api.Preview} preview
 */
function partCounts({ parts }) {
  if (parts.length < 2) return "";
  /** @type {Ui.Column<{text: string, count: number}>[]} */
  const columns = [
    { title: "Part", cell: ({ text }) => el("code", {}, text) },
    { title: "Customers", isNumber: true, cell: ({ count }) => number(count) },
  ];
  const list = table({ caption: "Matches of each part alone", columns, rows: parts.slice(1) });
  return el("details", { class: "parts" }, el("summary", {}, "Customers for each part"), list);
}

/**
 * @param {Api.Preview} preview
 * @param {string} currency
 */
function samples(preview, currency) {
  if (!preview.samples.length) return el("p", { class: "muted" }, "No customer matches this rule now.");
  /** @type {Ui.Column<Api.Customer>[]} */
  const columns = [
    { title: "Example", cell: ({ name }) => name },
    { title: "Spend", isNumber: true, cell: ({ spend }) => money(spend, currency) },
    { title: "Visits", isNumber: true, cell: ({ visits }) => number(visits) },
    { title: "Last active", cell: ({ last_active_at: at }) => at && el("time", { datetime: at }, ago(at)) },
  ];
  return table({ caption: "Examples", columns, rows: preview.samples });
}
