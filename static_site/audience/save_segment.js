/** Saves a rule as a segment. */

import { segments } from "../api.js";
import { openDialog } from "../dom/dialog.js";
import { el, find } from "../dom/dom.js";
import { field } from "../dom/forms.js";

/**
 * Asks for a name and saves the rule under it. Returns the segment, or null if the reader cancelled.
 *
 * @param {Api.RuleInput} rule
 */
export function saveSegment(rule) {
  const name = field({ label: "Segment name", name: "name", autocomplete: "off" });
  const hint = el("p", { class: "muted" }, "You can use a saved segment in other campaigns.");
  const work = () => segments.save(find(name, "input").value, rule);
  return openDialog({ title: "Save as segment", content: [hint, name], confirm: "Save segment", work });
}
