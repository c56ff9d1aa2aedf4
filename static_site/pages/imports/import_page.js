/** Imports a file of customers: choose the file, check its columns, check the rows, and import them. */

import { el, heading } from "../../dom/dom.js";
import { failed } from "../../dom/states.js";
import { mayWrite } from "../../session.js";
import { columnsPanel } from "./columns_panel.js";
import { filePanel } from "./file_panel.js";
import { isTable } from "./files.js";
import { runPanel } from "./run_panel.js";

/** @param {Ui.PageOptions} options */
export function importPage({ me, signal }) {
  const title = el("div", { class: "page-header" }, heading("Import customers"), customersLink());
  if (!mayWrite(me)) return el("div", { class: "page" }, title, failed(new Error("Viewers cannot import customers.")));
  const steps = el("div", { class: "stack" });
  const file = filePanel({ onFile: (chosen) => showSteps(chosen, steps, signal) });
  return el("div", { class: "page" }, title, file, steps);
}

const customersLink = () => el("a", { class: "button quiet", href: "/customers" }, "All customers");

/**
 * Shows the steps after the choice of a file. Another file starts again with the first of them.
 *
 * @param {Blob | null} file
 * @param {HTMLElement} steps
 * @param {AbortSignal} signal
 */
function showSteps(file, steps, signal) {
  if (!file) return steps.replaceChildren();
  const run = runPanel({ file, signal });
  steps.replaceChildren(isTable(file) ? columnsPanel({ file, signal, onchange: run.reset }) : "", run.element);
  return run.reset(isTable(file) ? null : {});
}
