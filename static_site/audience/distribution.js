/** The distribution of a field over the customers that a rule matches. It is loaded when the reader opens it. */

import { ApiError, segments } from "../api.js";
import { onSchemeChange, release } from "../charts/canvas.js";
import * as chart from "../charts/distribution.js";
import { debounce } from "../data/debounce.js";
import { allFields } from "../data/fields.js";
import { el, find, uniqueId } from "../dom/dom.js";
import { clearProblem, field, showFieldError } from "../dom/forms.js";
import { table } from "../dom/table.js";
import { number, plural } from "../texts/format.js";

const DELAY = 200;
const SUGGESTIONS = uniqueId("fields");

export class Distribution {
  /** @type {Api.RuleInput | null} */
  #rule = null;
  #signal;
  /** @type {chart.Bar[]} */
  #bars = [];
  #field = field({ label: "Field", name: "field", value: "spend", list: SUGGESTIONS, oninput: () => this.#request() });
  #canvas = el("canvas", { role: "img" });
  #chart = el("div", { class: "bar-chart", hidden: true }, this.#canvas);
  #numbers = el("div");
  #load = debounce(this.#loadHistogram.bind(this), DELAY);

  /** @param {{signal: AbortSignal}} options */
  constructor({ signal }) {
    this.#signal = signal;
    const names = el("datalist", { id: SUGGESTIONS }, ...suggestions());
    const content = el("div", { class: "stack tight" }, this.#field, names, this.#chart, this.#numbers);
    const summary = el("summary", {}, "Distribution of a field");
    this.element = el("details", { class: "distribution", ontoggle: () => this.#request() }, summary, content);
    onSchemeChange(() => this.#draw(), signal);
    signal.addEventListener("abort", () => release(this.#canvas));
  }

  /**
   * Sets the rule; null while there is none.
   *
   * @param {Api.RuleInput | null} rule
   */
  setRule(rule) {
    this.#rule = rule;
    this.element.hidden = !rule;
    this.#request();
  }

  #request() {
    const name = find(this.#field, "input").value.trim();
    if (this.#rule && this.element.open && name) this.#load({ ...this.#rule, field: name });
  }

  /**
   * @param {Api.RuleInput & {field: string}} query
   * @param {AbortSignal} signal
   */
  async #loadHistogram(query, signal) {
    const either = AbortSignal.any([this.#signal, signal]);
    try {
      const histogram = await segments.histogram(query, either);
      if (!either.aborted) this.#show(query.field, histogram);
    } catch (error) {
      if (!either.aborted) this.#showFailure(error);
    }
  }

  /**
   * @param {string} name
   * @param {Api.Histogram} histogram
   */
  #show(name, histogram) {
    clearProblem(this.element);
    this.#bars = chart.shape(histogram);
    this.#chart.hidden = !this.#bars.length;
    this.#canvas.setAttribute("aria-label", `Distribution of ${name} over ${plural(histogram.count, "customer")}`);
    const details = el("details", {}, el("summary", {}, "Show as a table"), numberTable(name, this.#bars));
    const missing = el("p", { class: "muted" }, `${plural(histogram.missing, "customer")} without a value.`);
    this.#numbers.replaceChildren(this.#bars.length ? details : "", histogram.missing > 0 ? missing : "");
    this.#draw();
  }

  #draw() {
    if (this.#bars.length) chart.draw(this.#canvas, this.#bars);
  }

  /** @param {unknown} error */
  #showFailure(error) {
    if (!(error instanceof ApiError)) throw error;
    clearProblem(this.element);
    this.#chart.hidden = true;
    this.#numbers.replaceChildren();
    showFieldError(this.element, { field: "field", message: error.fields[0]?.message ?? error.message });
  }
}

const suggestions = () =>
  allFields()
    .filter(({ kind, operators }) => operators.length && kind !== "map")
    .map(({ name, label }) => el("option", { value: name }, label));

/**
 * @param {string} name
 * @param {chart.Bar[]} bars
 */
const numberTable = (name, bars) =>
  table({
    caption: `Distribution of ${name}`,
    columns: [
      { title: name, cell: ({ label }) => label },
      { title: "Customers", isNumber: true, cell: ({ count }) => number(count) },
    ],
    rows: bars,
  });
