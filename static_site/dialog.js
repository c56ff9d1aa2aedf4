/** Asks before something is done. */

import { el, uniqueId } from "./dom.js";
import { busy, button, formError, showProblem } from "./forms.js";

/**
 * Opens a modal dialog whose `confirm` button runs `work(form)`. Answers what `work` gave, or null if the reader chose
 * `dismiss`. While `work` fails, the dialog stays open and says why.
 */
export function ask({ title, content, confirm, dismiss = "Cancel", work }) {
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
    const dialog = el("dialog", { "aria-labelledby": id }, form);
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
    addEventListener("popstate", () => dialog.close(), { once: true }); // it belongs to the page that asked
    document.body.append(dialog);
    dialog.showModal();
  });
}
