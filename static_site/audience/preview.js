/** Who a rule reaches: how many, in words, and a few of them. */

import { el } from "../dom.js";
import { ago, money, number } from "../format.js";
import { table } from "../table.js";
import { leftOutLine } from "./reach.js";
import { Spread } from "./spread.js";

/** `{element, show(preview), wait(), say(text)}`. */
export function previewPanel({ me, signal }) {
  const count = el("p", { class: "count", role: "status" });
  const details = el("div");
  const spread = new Spread({ signal });
  const element = el("section", { class: "preview", "aria-label": "Preview" }, count, details, spread.element);
  const set = (rule, line, ...content) => {
    spread.follow(rule);
    element.setAttribute("aria-busy", "false");
    count.replaceChildren(...line);
    details.replaceChildren(...content);
  };
  return {
    element,
    show: (preview) =>
      set(
        { rules: preview.rules },
        countLine(preview),
        el("p", { class: "words" }, preview.words),
        leftOut(preview),
        parts(preview),
        samples(preview, me.currency),
      ),
    say: (text) => set(null, [el("span", { class: "muted" }, text)]),
    wait: () => element.setAttribute("aria-busy", "true"),
  };
}

const countLine = ({ count }) => [el("strong", {}, number(count)), count === 1 ? " customer" : " customers"];

/** Who would not be written to, and why. */
function leftOut(preview) {
  const line = leftOutLine(preview);
  return line && el("p", { class: "muted" }, line);
}

/** How many each part matches by itself, where there is more than one. */
function parts({ parts: found }) {
  if (found.length < 2) return "";
  const columns = [
    { title: "Part", cell: ({ text }) => el("code", {}, text) },
    { title: "Customers", isNumber: true, cell: ({ count }) => number(count) },
  ];
  const list = table({ caption: "What each part matches by itself", columns, rows: found.slice(1) });
  return el("details", { class: "parts" }, el("summary", {}, "What each part matches"), list);
}

function samples(preview, currency) {
  if (!preview.samples.length) return el("p", { class: "muted" }, "Nobody matches this rule at the moment.");
  const columns = [
    { title: "For example", cell: (row) => row.name },
    { title: "Spend", isNumber: true, cell: (row) => money(row.spend, currency) },
    { title: "Visits", isNumber: true, cell: (row) => number(row.visits) },
    { title: "Last active", cell: ({ last_active_at: at }) => at && el("time", { datetime: at }, ago(at)) },
  ];
  return table({ caption: "Some of them", columns, rows: preview.samples });
}
