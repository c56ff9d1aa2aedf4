/** The progress of a launched campaign: a ring and a chart over time, each with its numbers. */

import { onSchemeChange, release } from "../../../charts/canvas.js";
import * as outcome from "../../../charts/outcome.js";
import * as overTime from "../../../charts/over_time.js";
import { announce, el } from "../../../dom/dom.js";
import { loading, panel } from "../../../dom/states.js";
import { table } from "../../../dom/table.js";
import { dateTime, number, plural, share } from "../../../texts/format.js";
import { reason } from "../../../texts/reasons.js";
import { DeferredList } from "./deferred_list.js";

/** @type {Api.LaterKind[]} */
const LATER_KINDS = ["delivered", "bounced", "complained", "opened", "clicked", "unsubscribed", "converted", "retried"];

/**
 * Returns two panels, `outcome` and `overTime`, and `show(campaign, statistics)`, which updates both.
 *
 * @param {AbortSignal} signal
 */
export function progressPanels(signal) {
  const deferred = new DeferredList();
  const ring = ringView();
  const lines = lineView();
  /** @type {Api.Statistics | undefined} */
  let current;
  const draw = () => {
    if (!current) return;
    ring.show(current);
    lines.show(current);
  };
  /**
   * @param {Api.Campaign} campaign
   * @param {Api.Statistics} statistics
   */
  const show = (campaign, statistics) => {
    announceChange(current, statistics);
    current = statistics;
    deferred.show(campaign, statistics);
    draw();
  };
  onSchemeChange(draw, signal);
  signal.addEventListener("abort", () => {
    release(ring.canvas);
    release(lines.canvas);
  });
  return {
    outcome: panel("Progress", {}, deferred.element, ring.element),
    overTime: panel("Over time", {}, lines.element),
    show,
  };
}

function ringView() {
  const canvas = el("canvas", { role: "img" });
  const done = el("p", { class: "ring-centre", "aria-hidden": "true" });
  const numbers = el("div", { class: "numbers" }, loading());
  /** @param {Api.Statistics} statistics */
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

/** @typedef {{audience: number, slices: outcome.Slice[]}} OutcomeData */

/** @param {OutcomeData} data */
const describe = ({ audience, slices }) =>
  `Of ${plural(audience, "person", "people")}: ` +
  slices.map(({ label, value }) => `${number(value)} ${label.toLowerCase()}`).join(", ");

/** @param {OutcomeData} data */
function outcomeTable({ audience, slices }) {
  return table({
    caption: "Messages by state",
    columns: [
      { title: "State", cell: ({ kind, label }) => el("span", { class: "swatch", "data-kind": kind }, label) },
      { title: "People", isNumber: true, cell: ({ value }) => number(value) },
      { title: "Share", isNumber: true, cell: ({ value }) => share(value, audience) },
    ],
    rows: [...slices, { kind: "audience", label: "Audience", value: audience }],
  });
}

/**
 * Further numbers: messages that can be sent again, reasons for skipping, and receipts after sending.
 *
 * @param {Api.Statistics} statistics
 */
function notes(statistics) {
  const { retryable, state } = statistics;
  const skipped = Object.entries(statistics.skipped_reasons).filter(([, count]) => count);
  const later = LATER_KINDS.filter((kind) => statistics[kind]);
  const lines = [
    !statistics.audience_complete && "The audience is still being selected.",
    retryable > 0 && state !== "cancelled" && `Failed messages that can be sent again: ${number(retryable)}.`,
    skipped.length && `Skipped: ${skipped.map(([code, count]) => `${number(count)} ${reason(code)}`).join(", ")}.`,
    later.length && `Receipts: ${later.map((kind) => `${number(statistics[kind])} ${kind}`).join(", ")}.`,
  ];
  return el("div", { class: "muted" }, ...lines.filter(Boolean).map((line) => el("p", {}, line)));
}

/**
 * A screen reader announces each quarter of the progress, not each second.
 *
 * @param {Api.Statistics | undefined} before
 * @param {Api.Statistics} current
 */
function announceChange(before, current) {
  if (before && quarter(before) === quarter(current)) return;
  announce(describe(outcome.shape(current)));
}

/** @param {Api.Statistics} statistics */
const quarter = ({ audience, pending }) => (audience ? Math.floor((4 * (audience - pending)) / audience) : 0);

function lineView() {
  const canvas = el("canvas", {
    role: "img",
    "aria-label": "Sent, failed and skipped messages over time. The table has the numbers.",
  });
  const chart = el("div", { class: "line-chart" }, canvas);
  const placeholder = loading("There are no results yet.");
  const attempts = el("p", { class: "muted" }, "Every attempt counts here, also a failed one that was sent again.");
  const numbers = el("div");
  const details = el("details", {}, el("summary", {}, "Show as a table"), numbers);
  /** @param {Api.Statistics} statistics */
  const show = ({ over_time: rows, retried }) => {
    const data = overTime.shape(rows);
    attempts.hidden = !retried;
    placeholder.hidden = rows.length > 0;
    chart.hidden = rows.length === 0;
    details.hidden = rows.length === 0;
    numbers.replaceChildren(timeTable(data));
    if (rows.length) overTime.draw(canvas, data);
  };
  chart.hidden = true;
  details.hidden = true;
  return { element: el("div", {}, placeholder, chart, attempts, details), canvas, show };
}

/** @param {{times: string[], series: overTime.Series[]}} data */
function timeTable({ times, series }) {
  /** @type {Ui.Column<number>[]} */
  const columns = [
    { title: "Until", cell: (index) => dateTime(times[index]) },
    ...series.map(({ label, values }) => ({
      title: label,
      isNumber: true,
      cell: (/** @type {number} */ index) => number(values[index]),
    })),
  ];
  return table({ caption: "Totals over time", columns, rows: [...times.keys()] });
}
