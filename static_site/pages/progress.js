/** How a launched campaign is going: the ring with its numbers, and the lines over time with theirs. */

import { onSchemeChange, release } from "../charts/canvas.js";
import * as outcome from "../charts/outcome.js";
import * as overTime from "../charts/over_time.js";
import { announce, el } from "../dom.js";
import { moment, number, plural, reason, share } from "../format.js";
import { loading, panel } from "../states.js";
import { table } from "../table.js";
import { WaitingList } from "./waiting_list.js";

const LATER = ["delivered", "bounced", "complained", "opened", "clicked", "unsubscribed", "converted", "retried"];

/** Two panels, `outcome` and `overTime`; `show(campaign, statistics)` fills both. */
export function progressPanels(signal) {
  const queue = new WaitingList();
  const ring = ringView();
  const lines = lineView();
  let last;
  const draw = () => {
    ring.show(last);
    lines.show(last);
  };
  const show = (campaign, statistics) => {
    tell(last, statistics);
    last = statistics;
    queue.show(campaign, statistics);
    draw();
  };
  onSchemeChange(() => last && draw(), signal);
  signal.addEventListener("abort", () => [ring.canvas, lines.canvas].forEach(release));
  return {
    outcome: panel("Progress", {}, queue.element, ring.element),
    overTime: panel("Over time", {}, lines.element),
    show,
  };
}

function ringView() {
  const canvas = el("canvas", { role: "img" });
  const done = el("p", { class: "ring-centre", "aria-hidden": "true" });
  const numbers = el("div", { class: "numbers" }, loading());
  const show = (statistics) => {
    const data = outcome.shape(statistics);
    canvas.setAttribute("aria-label", describe(data));
    done.replaceChildren(el("strong", {}, share(data.done, data.audience)), el("span", {}, "done"));
    numbers.replaceChildren(outcomeTable(data), notes(statistics));
    outcome.draw(canvas, data);
  };
  return {
    element: el("div", { class: "progress" }, el("div", { class: "ring" }, canvas, done), numbers),
    canvas,
    show,
  };
}

const describe = ({ audience, slices }) =>
  `Of ${plural(audience, "person", "people")}: ` +
  slices.map(({ label, value }) => `${number(value)} ${label.toLowerCase()}`).join(", ");

function outcomeTable({ audience, slices }) {
  const columns = [
    { title: "State", cell: ({ kind, label }) => el("span", { class: "swatch", "data-kind": kind }, label) },
    { title: "People", isNumber: true, cell: ({ value }) => number(value) },
    { title: "Share", isNumber: true, cell: ({ value }) => share(value, audience) },
  ];
  const whole = { kind: "audience", label: "Audience", value: audience };
  return table({ caption: "What became of each message", columns, rows: [...slices, whole] });
}

/** What else the numbers say: who may be tried again, why people were skipped, what came back after sending. */
function notes(statistics) {
  const { retryable, state } = statistics;
  const skipped = Object.entries(statistics.skipped_reasons).filter(([, count]) => count);
  const later = LATER.filter((kind) => statistics[kind]);
  const lines = [
    !statistics.complete && "Part of the audience is still to be found.",
    retryable > 0 && state !== "cancelled" && `Of the failed, ${number(retryable)} may be reached by sending again.`,
    skipped.length && `Skipped: ${skipped.map(([code, count]) => `${number(count)} ${reason(code)}`).join(", ")}.`,
    later.length && `Receipts: ${later.map((kind) => `${number(statistics[kind])} ${kind}`).join(", ")}.`,
  ];
  return el("div", { class: "muted" }, ...lines.filter(Boolean).map((line) => el("p", {}, line)));
}

/** A screen reader hears each quarter, not each second. */
function tell(before, now) {
  if (before && quarter(before) === quarter(now)) return;
  announce(describe(outcome.shape(now)));
}

const quarter = ({ audience, pending }) => (audience ? Math.floor((4 * (audience - pending)) / audience) : 0);

function lineView() {
  const canvas = el("canvas", {
    role: "img",
    "aria-label": "Sent, failed and skipped over time; the table has the numbers",
  });
  const chart = el("div", { class: "lines" }, canvas);
  const waiting = loading("Nothing has happened yet.");
  const attempts = el("p", { class: "muted" }, "Each attempt counts here, also one that failed and was retried.");
  const numbers = el("div");
  const details = el("details", {}, el("summary", {}, "Show as a table"), numbers);
  const show = ({ over_time: rows, retried }) => {
    const data = overTime.shape(rows);
    attempts.hidden = !retried;
    waiting.hidden = rows.length > 0;
    chart.hidden = details.hidden = rows.length === 0;
    numbers.replaceChildren(timeTable(data));
    if (rows.length) overTime.draw(canvas, data);
  };
  chart.hidden = details.hidden = true;
  return { element: el("div", {}, waiting, chart, attempts, details), canvas, show };
}

function timeTable({ times, series }) {
  const columns = [
    { title: "By", cell: (index) => moment(times[index]) },
    ...series.map(({ label, values }) => ({ title: label, isNumber: true, cell: (index) => number(values[index]) })),
  ];
  return table({ caption: "How many by when", columns, rows: [...times.keys()] });
}
