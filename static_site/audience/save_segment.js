/** Keeps a rule under a name, to be used again. */

import { segments } from "../api.js";
import { ask } from "../dialog.js";
import { el } from "../dom.js";
import { field } from "../forms.js";

/** Answers the saved segment; null if the reader cancelled. */
export function saveSegment(rule) {
  const name = field({ label: "Segment name", name: "name", autocomplete: "off" });
  const hint = el("p", { class: "muted" }, "Under its name the rule can be used again in other campaigns.");
  const work = () => segments.save(name.querySelector("input").value, rule);
  return ask({ title: "Save as segment", content: [hint, name], confirm: "Save segment", work });
}
