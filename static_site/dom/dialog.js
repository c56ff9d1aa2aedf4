/** Asks before an action. */

import { el, uniqueId } from "./dom.js";
import { busy, button, formError, showProblem } from "./forms.js";

/**
 * Opens a modal dialog whose `confirm` button runs `work(form)`. Returns the result of `work`, or null if the reader
 * chose `dismiss`. If `work` fails, the dialog stays open and shows the error.
 *
 * @template Result
 * @param {Ui.DialogOptions<Result>} options
 * @returns {Promise<Result | null>}
 */
export function openDialog({ title, content, confirm, dismiss = "Cancel", work }) {
  return new Promise((resolve) => {
    const id = uniqueId("dialog");
    const submit = button(confirm, { kind: "primary", type: "submit" });
    const form = el(
      "form",
      { novalidate: true },
      el("h2", { id }, title),
      ...content,
      formError(),
      el("div", { class: "actions" }, button(dismiss, { onclick: () => dialog.close() }), submit),
    );
    /** @type {HTMLDialogElement} */
    const dialog = el("dialog", { "aria-labelledby": id }, form);
    /** @type {Result | null} */
    let result = null;
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(result);
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const finish = async () => {
        result = await work(form);
        dialog.close();
      };
      busy([submit], finish).catch((error) => showProblem(form, error));
    });
    addEventListener("popstate", () => dialog.close(), { once: true }); // the dialog belongs to the page that opened it
    document.body.append(dialog);
    dialog.showModal();
  });
}
