/** How the values of a field are spread over those whom a rule finds: asked for once the reader opens it. */

import { segments } from "../api.js";
import { onSchemeChange, release } from "../charts/canvas.js";
import * as spread from "../charts/spread.js";
import { el, uniqueId } from "../dom.js";
import { clearProblem, field, showFieldError } from "../forms.js";
import { number, plural } from "../format.js";
import { latest } from "../latest.js";
import { table } from "../table.js";
import { FIELDS } from "./subjects.js";

const DELAY = 200;
const SUGGESTIONS = uniqueId("fields");
const NAMES = [...FIELDS.map(({ name, label }) => [name, label]), ["tags", "Tags"]];

export class Spread {
  #rule = null;
  #signal;
  #rows = [];
  #field = field({ label: "Field", name: "field", value: "spend", list: SUGGESTIONS, oninput: () => this.#ask() });
  #canvas = el("canvas", { role: "img" });
  #chart = el("div", { class: "bars", hidden: true }, this.#canvas);
  #numbers = el("div");
  #load = latest((asked, newer) => this.#show(asked, newer), DELAY);

  constructor({ signal }) {
    this.#signal = signal;
    const names = el("datalist", { id: SUGGESTIONS }, ...NAMES.map(([value, label]) => el("option", { value }, label)));
    const content = el("div", { class: "stack tight" }, this.#field, names, this.#chart, this.#numbers);
    const summary = el("summary", {}, "How a field is spread");
    this.element = el("details", { class: "spread", ontoggle: () => this.#ask() }, summary, content);
    onSchemeChange(() => this.#rows.length && this.#draw(), signal);
    signal.addEventListener("abort", () => release(this.#canvas));
  }

  /** `rule` is `{text}` or `{rules}`, or null where there is none at the moment. */
  follow(rule) {
    this.#rule = rule;
    this.element.hidden = !rule;
    this.#ask();
  }

  #ask() {
    const name = this.#field.querySelector("input").value.trim();
    if (this.#rule && this.element.open && name) this.#load({ ...this.#rule, field: name });
  }

  async #show(asked, newer) {
    const either = AbortSignal.any([this.#signal, newer]);
    try {
      const found = await segments.histogram(asked, either);
      if (!either.aborted) this.#tell(asked.field, found);
    } catch (error) {
      if (!either.aborted) this.#fail(error);
    }
  }

  #tell(name, found) {
    clearProblem(this.element);
    this.#rows = spread.shape(found);
    this.#chart.hidden = !this.#rows.length;
    this.#canvas.setAttribute("aria-label", `How ${name} is spread over ${plural(found.count, "customer")}`);
    const missing = found.missing > 0 && el("p", { class: "muted" }, `${number(found.missing)} without a value.`);
    const details = el("details", {}, el("summary", {}, "Show as a table"), numbersOf(name, this.#rows));
    this.#numbers.replaceChildren(...[this.#rows.length && details, missing].filter(Boolean));
    this.#draw();
  }

  #draw() {
    if (this.#rows.length) spread.draw(this.#canvas, this.#rows);
  }

  #fail(error) {
    clearProblem(this.element);
    this.#chart.hidden = true;
    this.#numbers.replaceChildren();
    showFieldError(this.element, { field: "field", message: error.fields?.[0]?.message ?? error.message });
  }
}

const numbersOf = (name, rows) =>
  table({
    caption: `How ${name} is spread`,
    columns: [
      { title: name, cell: ({ label }) => label },
      { title: "Customers", isNumber: true, cell: ({ count }) => number(count) },
    ],
    rows,
  });
