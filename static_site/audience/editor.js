/**
 * Says who a campaign is for, in one of three ways, with a live preview. Each way is an object with
 *
 *   element       what it is edited in; its errors are shown at its `data-field`
 *   rule()        what the preview is asked: `{text}` or `{rules}`; null while something is missing
 *   choice()      what the campaign is created with: `{text}`, `{rules}` or `{segment_id}`; null likewise
 *   take(rule)    goes on with the rule `{text, rules}` of another way; false where it can't show that
 *   missing       what to say while `rule()` is null
 */

import { segments } from "../api.js";
import { el } from "../dom.js";
import { button, choice, clearProblem, showFieldError } from "../forms.js";
import { latest } from "../latest.js";
import { mayWrite } from "../session.js";
import { BuiltRule } from "./builder.js";
import { previewPanel } from "./preview.js";
import { saveSegment } from "./save_segment.js";
import { savedSegment } from "./saved.js";
import { typedRule } from "./typed.js";

const DELAY = 250;

const MODES = [
  { value: "text", label: "Write a rule" },
  { value: "rules", label: "Build a rule" },
  { value: "segment_id", label: "Use a saved segment" },
];

export class AudienceEditor {
  #mode = "text";
  #ways;
  #signal;
  #mayWrite;
  #onfound;
  #preview;
  #modes;
  #place = el("div", { class: "audience-way" });
  #note = el("span", { class: "muted", role: "status" });
  #saving = button("Save as segment", { onclick: () => this.#save() });
  #refresh = latest((rule, newer) => this.#show(rule, newer), DELAY);

  /** `legend` asks who is meant; `onfound(preview)` is called with each preview, of which `text` is the rule; with null where there is no rule. */
  constructor({ me, signal, legend = "Say who it is for", onfound = () => {} }) {
    const onchange = () => this.#changed();
    this.#signal = signal;
    this.#mayWrite = mayWrite(me);
    this.#onfound = onfound;
    this.#ways = {
      text: typedRule({ onchange }),
      rules: new BuiltRule({ onchange }),
      segment_id: savedSegment({ onchange, signal }),
    };
    this.#preview = previewPanel({ me, signal });
    this.#modes = this.#choice(legend);
    this.element = this.#layout();
    this.#enter(this.#mode);
  }

  rule() {
    return this.#way.rule();
  }

  choice() {
    return this.#way.choice();
  }

  /** Says at its place that the audience is missing. */
  showMissing() {
    this.#showError({ field: this.#mode, message: this.#way.missing });
  }

  get #way() {
    return this.#ways[this.#mode];
  }

  #choice(legend) {
    const onchange = (event) => this.#switchTo(event.target.value);
    return choice({ legend, name: "audience", options: MODES, chosen: this.#mode, onchange });
  }

  #layout() {
    const saving = el("div", { class: "actions start" }, this.#saving, this.#note);
    const edit = el("div", { class: "stack tight" }, this.#modes, this.#place, saving);
    return el("div", { class: "audience" }, edit, this.#preview.element);
  }

  #enter(mode) {
    this.#mode = mode;
    this.#place.replaceChildren(this.#way.element);
    this.#changed();
  }

  #changed() {
    clearProblem(this.#place);
    this.#note.textContent = "";
    const rule = this.rule();
    this.#saving.hidden = this.#mode === "segment_id" || !this.#mayWrite;
    this.#saving.disabled = !rule;
    this.#ask(rule);
  }

  #ask(rule) {
    this.#refresh.cancel();
    if (!rule) return this.#sayMissing();
    this.#preview.wait();
    return this.#refresh(rule);
  }

  #sayMissing() {
    this.#preview.say(this.#way.missing);
    this.#onfound(null);
  }

  async #show(rule, newer) {
    const either = AbortSignal.any([this.#signal, newer]);
    try {
      const preview = await segments.preview(rule, either);
      if (either.aborted) return;
      this.#preview.show(preview);
      this.#onfound(preview);
    } catch (error) {
      if (!either.aborted) this.#fail(error);
    }
  }

  #fail(error) {
    this.#showError(...(error.fields?.length ? error.fields : [error]));
    this.#preview.say("No preview: see the error at the rule.");
  }

  /** Each at its field, or else at the rule as a whole. */
  #showError(...problems) {
    clearProblem(this.#place);
    for (const { field, message } of problems) {
      if (!showFieldError(this.#place, { field, message })) showFieldError(this.#place, { field: this.#mode, message });
    }
  }

  /** Stays in the way it is in, and says why, where the rule can't go along. */
  async #switchTo(mode) {
    try {
      await this.#ways[mode].prepare?.();
      await this.#carryTo(this.#ways[mode]);
      this.#enter(mode);
    } catch (error) {
      if (this.#signal.aborted) return;
      for (const radio of this.#modes.querySelectorAll("input")) radio.checked = radio.value === this.#mode;
      this.#fail(error);
    }
  }

  /** The server knows each rule both as a tree and as a text. */
  async #carryTo(way) {
    const rule = this.rule();
    if (rule && !way.take(await segments.preview(rule, this.#signal))) throw new NotBuildable();
  }

  async #save() {
    const segment = await saveSegment(this.rule());
    if (segment) this.#note.textContent = `Saved as “${segment.name}”.`;
  }
}

class NotBuildable extends Error {
  constructor() {
    super("This rule has parts that the builder can't show. Keep it as text.");
  }
}
