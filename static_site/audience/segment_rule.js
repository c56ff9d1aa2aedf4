/** A rule that is saved as a segment. */

import { segments } from "../api.js";
import { el, find } from "../dom/dom.js";
import { field } from "../dom/forms.js";

/**
 * @param {{onchange: () => void, signal: AbortSignal}} options
 * @returns {Ui.RuleEditor}
 */
export function segmentRule({ onchange, signal }) {
  /** @type {Api.Segment[]} */
  let items = [];
  const element = field({ label: "Segment", name: "segment_id", tag: "select", onchange });
  const control = find(element, "select");
  const selected = () => items.find((segment) => segment.id === control.value);

  /** Loads the segments each time, because the reader may have saved a new one. */
  async function prepare() {
    const page = await segments.list(signal);
    const before = control.value;
    items = page.items;
    control.replaceChildren(
      el("option", { value: "" }, items.length ? "Choose a segment" : "There is no saved segment"),
      ...items.map(({ id, name }) => el("option", { value: id }, name)),
    );
    control.value = items.some(({ id }) => id === before) ? before : "";
  }

  const rule = () => {
    const segment = selected();
    return segment ? { rules: segment.rule.tree } : null;
  };
  const choice = () => {
    const segment = selected();
    return segment ? { segment_id: segment.id } : null;
  };
  const missing = "Choose a segment to see how many customers match.";
  return { element, prepare, rule, choice, accept: () => true, missing };
}
