/** Chooses an audience in one of three ways, with a live preview. */

import { ApiError, segments } from "../api.js";
import { debounce } from "../data/debounce.js";
import { el } from "../dom/dom.js";
import { button, clearProblem, radioGroup, showFieldError } from "../dom/forms.js";
import { loading } from "../dom/states.js";
import { mayWrite } from "../session.js";
import { RuleBuilder } from "./builder.js";
import { previewPanel } from "./preview.js";
import { saveSegment } from "./save_segment.js";
import { segmentRule } from "./segment_rule.js";
import { textRule } from "./text_rule.js";

const DELAY = 250;

/** @typedef {"text" | "rules" | "segment_id"} Mode */

/** @type {{value: Mode, label: string}[]} */
const MODES = [
  { value: "text", label: "Write a rule" },
  { value: "rules", label: "Build a rule" },
  { value: "segment_id", label: "Use a saved segment" },
];

export class AudienceEditor {
  /** @type {Mode} */
  #mode = "text";
  /** @type {Record<Mode, Ui.RuleEditor>} */
  #editors;
  #signal;
  #mayWrite;
  #onPreview;
  #preview;
  #modes;
  #container = el("div", { class: "audience-mode" });
  #note = el("span", { class: "muted", role: "status" });
  #saveButton = button("Save as segment", { onclick: () => this.#save() });
  /** The newest preview, and the rule that it belongs to as JSON. @type {{rule: string, preview: Api.Preview} | null} */
  #newest = null;
  #switching = new AbortController(); // aborted when the reader chooses another mode
  #refresh = debounce(this.#showPreview.bind(this), DELAY);

  /**
   * `onPreview(preview)` is called with each preview, and with null while there is no complete rule.
   *
   * @param {{
   *   me: Api.Me, signal: AbortSignal, legend?: string, onPreview?: (preview: Api.Preview | null) => void
   * }} options
   */
  constructor({ me, signal, legend = "Choose the audience", onPreview = () => {} }) {
    const onchange = () => this.#onChange();
    this.#signal = signal;
    this.#mayWrite = mayWrite(me);
    this.#onPreview = onPreview;
    this.#editors = {
      text: textRule({ onchange }),
      rules: new RuleBuilder({ onchange }),
      segment_id: segmentRule({ onchange, signal }),
    };
    this.#preview = previewPanel({ me, signal });
    this.#modes = this.#modeChoice(legend);
    this.element = this.#layout();
    this.#enter(this.#mode);
  }

  /** The rule for a preview; null while it is incomplete. */
  rule() {
    return this.#editor.rule();
  }

  /** The audience of a new campaign; null while it is incomplete. */
  choice() {
    return this.#editor.choice();
  }

  /** Shows at the rule that the audience is missing. */
  showMissing() {
    this.#showErrors([{ field: this.#mode, message: this.#editor.missing }]);
  }

  get #editor() {
    return this.#editors[this.#mode];
  }

  /** @param {string} legend */
  #modeChoice(legend) {
    /** @param {Ui.ControlEvent} event */
    const onchange = (event) => this.#switchTo(/** @type {Mode} */ (event.target.value));
    return radioGroup({ legend, name: "audience", options: MODES, selected: this.#mode, onchange });
  }

  #layout() {
    const save = el("div", { class: "actions start" }, this.#saveButton, this.#note);
    const edit = el("div", { class: "stack tight" }, this.#modes, this.#container, save);
    return el("div", { class: "audience" }, edit, this.#preview.element);
  }

  /**
   * Shows the editor of a mode. The radio buttons, `#mode` and the visible editor then agree.
   *
   * @param {Mode} mode
   */
  #enter(mode) {
    this.#mode = mode;
    for (const radio of this.#modes.querySelectorAll("input")) radio.checked = radio.value === mode;
    this.#container.replaceChildren(this.#editor.element);
    this.#onChange();
  }

  #onChange() {
    clearProblem(this.#container);
    this.#note.textContent = "";
    const rule = this.rule();
    this.#saveButton.hidden = this.#mode === "segment_id" || !this.#mayWrite;
    this.#saveButton.disabled = !rule;
    this.#refresh.cancel();
    if (rule) {
      this.#preview.setBusy();
      this.#refresh(rule);
    } else {
      this.#preview.showText(this.#editor.missing);
      this.#onPreview(null);
    }
  }

  /**
   * @param {Api.RuleInput} rule
   * @param {AbortSignal} signal
   */
  async #showPreview(rule, signal) {
    const either = AbortSignal.any([this.#signal, signal]);
    try {
      const preview = await this.#previewOf(rule, either);
      if (either.aborted) return;
      this.#preview.show(preview);
      this.#onPreview(preview);
    } catch (error) {
      if (!either.aborted) this.#showFailure(error);
    }
  }

  /**
   * @param {Api.RuleInput} rule
   * @param {AbortSignal} signal
   */
  async #previewOf(rule, signal) {
    const preview = await segments.preview(rule, signal);
    this.#newest = { rule: JSON.stringify(rule), preview };
    return preview;
  }

  /** @param {unknown} error */
  #showFailure(error) {
    if (!(error instanceof ApiError || error instanceof CannotShow)) throw error;
    const hasFields = error instanceof ApiError && error.fields.length > 0;
    this.#showErrors(hasFields ? error.fields : [{ field: this.#mode, message: error.message }]);
    this.#preview.showText("No preview. Correct the error in the rule first.");
  }

  /**
   * Shows each error at its field. An error without a field is shown at the rule.
   *
   * @param {Api.FieldError[]} errors
   */
  #showErrors(errors) {
    clearProblem(this.#container);
    for (const { field, message } of errors) {
      if (!showFieldError(this.#container, { field, message })) {
        showFieldError(this.#container, { field: this.#mode, message });
      }
    }
  }

  /**
   * Changes the mode and takes the rule along. The browser has selected the radio button already, so the old editor is
   * removed at once: otherwise the reader could edit a rule that is just being converted. A newer choice aborts this
   * one. If the new editor cannot show the rule, the old editor comes back and shows the reason.
   *
   * @param {Mode} mode
   */
  async #switchTo(mode) {
    this.#switching.abort();
    this.#switching = new AbortController();
    const signal = AbortSignal.any([this.#signal, this.#switching.signal]);
    if (mode === this.#mode) return this.#enter(mode);
    this.#refresh.cancel();
    this.#container.replaceChildren(loading());
    try {
      const isAccepted = await this.#convertTo(mode, signal);
      if (signal.aborted) return;
      if (!isAccepted) throw new CannotShow();
      this.#enter(mode);
    } catch (error) {
      if (signal.aborted) return;
      this.#enter(this.#mode);
      this.#refresh.cancel();
      this.#showFailure(error);
    }
  }

  /**
   * Gives the current rule to the editor of another mode. Returns false if that editor cannot show it. The server knows
   * each rule both as a tree and as a text.
   *
   * @param {Mode} mode
   * @param {AbortSignal} signal
   */
  async #convertTo(mode, signal) {
    const editor = this.#editors[mode];
    await editor.prepare?.();
    const rule = this.rule();
    if (!rule || signal.aborted) return true;
    const isNewest = this.#newest?.rule === JSON.stringify(rule);
    const preview = isNewest && this.#newest ? this.#newest.preview : await this.#previewOf(rule, signal);
    return signal.aborted || editor.accept(preview);
  }

  async #save() {
    const rule = this.rule();
    const segment = rule && (await saveSegment(rule));
    if (segment) this.#note.textContent = `Saved as “${segment.name}”.`;
  }
}

class CannotShow extends Error {
  constructor() {
    super("The builder cannot show every part of this rule. Edit it as text.");
  }
}
