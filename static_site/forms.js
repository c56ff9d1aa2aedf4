/** Form fields with their label, hint and error, and the way a server's problem finds its field. */

import { ApiError } from "./api.js";
import { announce, el, uniqueId } from "./dom.js";

/**
 * A labelled input. `name` is the field's path in what the server is sent: its errors come back under it. `tag` is
 * "input" (default), "textarea" or "select", whose options are the `children`.
 */
export function field({ label, name, hint, tag = "input", children = [], ...attributes }) {
  const id = uniqueId("field");
  const control = el(tag, { id, name, "aria-describedby": `${id}-hint ${id}-error`, ...attributes }, ...children);
  return el(
    "div",
    { class: "field", "data-field": name },
    el("label", { for: id }, label),
    control,
    el("p", { class: "hint", id: `${id}-hint` }, hint),
    el("p", { class: "field-error", id: `${id}-error` }),
  );
}

/** One of several, as radio buttons: `options` are `[{value, label, hint}]`. */
export function choice({ legend, name, options, chosen, onchange }) {
  const radio = ({ value, label, hint }) => {
    const id = uniqueId("choice");
    const describedBy = hint && `${id}-hint`;
    return el(
      "div",
      { class: "choice" },
      el("input", {
        type: "radio",
        id,
        name,
        value,
        checked: value === chosen,
        onchange,
        "aria-describedby": describedBy,
      }),
      el("label", { for: id }, label),
      hint && el("small", { id: describedBy }, hint),
    );
  };
  return el("fieldset", { class: "choices" }, el("legend", {}, legend), ...options.map(radio));
}

/** What should be a number and is none goes to the server as it is, to be refused there. */
export const numberFrom = (text) => (text.trim() && Number.isFinite(Number(text)) ? Number(text) : text);

/** Where a form says what is wrong beyond its single fields. */
export const formError = () => el("p", { class: "form-error", role: "alert" });

export const button = (label, { kind = "", ...attributes } = {}, ...children) =>
  el("button", { type: "button", class: `button ${kind}`, ...attributes }, label, ...children);

/** Shows each of the error's fields at its place within `form`, the rest in its form error, and goes to the first. */
export function showProblem(form, error) {
  clearProblem(form);
  const rest = errorFields(error).filter((problem) => !showFieldError(form, problem));
  form.querySelector(".form-error").textContent = rest.map((problem) => problem.message).join(" ");
  form.querySelector("[aria-invalid=true]")?.focus();
  announce(error.message);
}

/** A problem without fields is one of the whole form. Anything but an `ApiError` is a bug, which must be seen. */
function errorFields(error) {
  if (!(error instanceof ApiError)) throw error;
  return error.fields.length ? error.fields : [{ field: "", message: error.message }];
}

/** False where the form has no such field. `rules.of.0.value` is shown at `rules`. */
export function showFieldError(form, { field: name, message }) {
  const place = nearest(form, name);
  if (!place) return false;
  controlAt(place, name)?.setAttribute("aria-invalid", "true");
  place.querySelector(":scope > .field-error").append(el("span", {}, message));
  return true;
}

const CONTROL = ":is(input, textarea, select)";

/** A place with several parts has the error at the one that it names. */
function controlAt(place, name) {
  const [part] = name.slice(place.dataset.field.length + 1).split(".");
  return place.querySelector(`:scope > ${CONTROL}, :scope > [data-part="${CSS.escape(part)}"] > ${CONTROL}`);
}

function nearest(form, name) {
  for (let path = name ?? ""; path; path = path.slice(0, Math.max(path.lastIndexOf("."), 0))) {
    const place = form.querySelector(`[data-field="${CSS.escape(path)}"]`);
    if (place) return place;
  }
  return null;
}

export function clearProblem(form) {
  for (const control of form.querySelectorAll("[aria-invalid]")) control.removeAttribute("aria-invalid");
  for (const place of form.querySelectorAll(".field-error, .form-error")) place.replaceChildren();
}

/** Keeps the buttons from being pressed again while `work` runs; the one that had the focus turns, and has it again. */
export async function busy(buttons, work) {
  const focused = document.activeElement;
  setBusy(buttons, true, focused);
  try {
    return await work();
  } finally {
    setBusy(buttons, false);
    if (buttons.includes(focused) && document.activeElement === document.body) focused.focus();
  }
}

function setBusy(buttons, isBusy, pressed) {
  const turning = buttons.includes(pressed) ? [pressed] : buttons;
  for (const one of buttons) {
    one.disabled = isBusy;
    one.setAttribute("aria-busy", String(isBusy && turning.includes(one)));
  }
}
