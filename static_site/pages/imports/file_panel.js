/** The first step of an import: the reader chooses or drops a file. */

import { el, find } from "../../dom/dom.js";
import { clearProblem, field, showFieldError } from "../../dom/forms.js";
import { panel } from "../../dom/states.js";
import { EXTENSIONS, fileError, withMediaType } from "./files.js";

const HINT =
  "Or drop it here. CSV from any spreadsheet, NDJSON or JSON, up to 32 MB. Existing customers are updated. Data that " +
  "is not in the file stays unchanged.";

/**
 * Calls `onFile(file)` with a file that can be sent, or with null.
 *
 * @param {{onFile: (file: Blob | null) => void}} options
 */
export function filePanel({ onFile }) {
  const element = field({ label: "File", name: "file", type: "file", accept: EXTENSIONS.join(","), hint: HINT });
  const input = find(element, "input");
  const form = el("form", { class: "drop-zone" }, element);
  input.addEventListener("change", () => onFile(checkFile(input.files?.[0], form)));
  acceptDrops(form, input);
  return panel("1. Choose a file", {}, form);
}

/**
 * @param {File | undefined} file
 * @param {HTMLFormElement} form
 */
function checkFile(file, form) {
  clearProblem(form);
  const message = file ? fileError(file) : "";
  if (message) showFieldError(form, { field: "file", message });
  return file && !message ? withMediaType(file) : null;
}

/**
 * @param {HTMLFormElement} form
 * @param {HTMLInputElement} input
 */
function acceptDrops(form, input) {
  /** @param {boolean} isOver */
  const mark = (isOver) => (/** @type {DragEvent} */ event) => {
    event.preventDefault();
    form.classList.toggle("is-over", isOver);
  };
  form.addEventListener("dragover", mark(true));
  form.addEventListener("dragleave", mark(false));
  form.addEventListener("drop", (event) => {
    mark(false)(event);
    input.files = event.dataTransfer?.files ?? null;
    input.dispatchEvent(new Event("change"));
  });
}
