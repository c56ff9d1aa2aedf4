/** A rule that was saved as a segment. */

import { segments } from "../api.js";
import { el } from "../dom.js";
import { field } from "../forms.js";

export function savedSegment({ onchange, signal }) {
  let items = [];
  const element = field({ label: "Segment", name: "segment_id", tag: "select", onchange });
  const control = element.querySelector("select");
  const chosen = () => items.find((segment) => segment.id === control.value);

  /** Loads the saved segments, each time anew: one may have been added. */
  async function prepare() {
    const page = await segments.list(signal);
    const before = control.value;
    items = page.items;
    control.replaceChildren(
      el("option", { value: "" }, items.length ? "Choose a segment" : "No segment is saved yet"),
      ...items.map(({ id, name }) => el("option", { value: id }, name)),
    );
    control.value = items.some(({ id }) => id === before) ? before : "";
  }

  return {
    element,
    prepare,
    rule: () => (chosen() ? { rules: chosen().rules } : null),
    choice: () => (chosen() ? { segment_id: chosen().id } : null),
    take: () => true,
    missing: "Choose a segment to see who it reaches.",
  };
}
