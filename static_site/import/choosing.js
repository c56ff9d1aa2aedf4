/** The first step: a file, chosen or dropped. */

import { el } from "../dom.js";
import { clearProblem, field, showFieldError } from "../forms.js";
import { panel } from "../states.js";
import { ENDINGS, objection, typed } from "./files.js";

const HINT =
  "Or drop it here. CSV from any spreadsheet, NDJSON or JSON, up to 32 MB. Customers who are there already are " +
  "brought up to date; what the file does not say stays.";

/** Calls `onchosen(file)` with a file that can be sent, or with null. */
export function filePanel({ onchosen }) {
  const element = field({ label: "File", name: "file", type: "file", accept: ENDINGS.join(","), hint: HINT });
  const input = element.querySelector("input");
  const form = el("form", { class: "drop" }, element);
  input.addEventListener("change", () => onchosen(checked(input.files[0], form)));
  acceptDrops(form, input);
  return panel("1. Choose a file", {}, form);
}

function checked(file, form) {
  clearProblem(form);
  const message = file ? objection(file) : "";
  if (message) showFieldError(form, { field: "file", message });
  return file && !message ? typed(file) : null;
}

function acceptDrops(form, input) {
  const mark = (isOver) => (event) => {
    event.preventDefault();
    form.classList.toggle("is-over", isOver);
  };
  form.addEventListener("dragover", mark(true));
  form.addEventListener("dragleave", mark(false));
  form.addEventListener("drop", (event) => {
    mark(false)(event);
    input.files = event.dataTransfer.files;
    input.dispatchEvent(new Event("change"));
  });
}
