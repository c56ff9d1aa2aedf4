/** Bringing in a file of customers: choose it, say what its columns are, try it, and import it. */

import { columnsPanel } from "../import/columns.js";
import { isTable } from "../import/files.js";
import { filePanel } from "../import/choosing.js";
import { runPanel } from "../import/run.js";
import { el, heading } from "../dom.js";
import { mayWrite } from "../session.js";
import { failed } from "../states.js";

export function importPage({ me, signal }) {
  const title = el("div", { class: "page-header" }, heading("Import customers"), back());
  if (!mayWrite(me)) return el("div", { class: "page" }, title, failed(new Error("Only managers may import.")));
  const steps = el("div", { class: "stack" });
  const choosing = filePanel({ onchosen: (file) => chosen(file, steps, signal) });
  return el("div", { class: "page" }, title, choosing, steps);
}

const back = () => el("a", { class: "button quiet", href: "/customers" }, "All customers");

/** What follows once there is a file; another file starts anew. */
function chosen(file, steps, signal) {
  if (!file) return steps.replaceChildren();
  const run = runPanel({ file, signal });
  steps.replaceChildren(isTable(file) ? columnsPanel({ file, signal, onchange: run.reset }) : "", run.element);
  return run.reset(isTable(file) ? null : {});
}
