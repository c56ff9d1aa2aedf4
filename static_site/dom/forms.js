/** Form fields with label, hint and error, and how an error of the server is shown at its field. */

import { ApiError } from "../api.js";
import { announce, el, uniqueId } from "./dom.js";

/** @typedef {Ui.Attributes & {kind?: string}} ButtonAttributes */

/**
 * A labelled input. `name` is the path of the field in the request: the server returns errors under it. `tag` is
 * "input" (default), "textarea" or "select", whose options are the `children`.
 *
 * @param {Ui.Attributes & {
 *   label: string, name: string, hint?: string, tag?: "input" | "textarea" | "select", children?: Ui.Child[]
 * }} options
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

/**
 * Radio buttons.
 *
 * @param {{
 *   legend: string,
 *   name: string,
 *   options: {value: string, label: string, hint?: string}[],
 *   selected: string,
 *   onchange?: (event: Ui.ControlEvent) => unknown,
 * }} options
 */
export function radioGroup({ legend, name, options, selected, onchange }) {
  const radios = options.map(({ value, label, hint }) => {
    const id = uniqueId("choice");
    const describedBy = hint && `${id}-hint`;
    const checked = value === selected;
    return el(
      "div",
      { class: "choice" },
      el("input", { type: "radio", id, name, value, checked, onchange, "aria-describedby": describedBy }),
      el("label", { for: id }, label),
      hint && el("small", { id: describedBy }, hint),
    );
  });
  return el("fieldset", { class: "choices" }, el("legend", {}, legend), ...radios);
}

/**
 * The number in a text. A text that is no number is sent unchanged, and the server rejects it.
 *
 * @param {string} text
 */
export const numberFrom = (text) => (text.trim() && Number.isFinite(Number(text)) ? Number(text) : text);

/** The place for errors of a form that belong to none of its fields. */
export const formError = () => el("p", { class: "form-error", role: "alert" });

/**
 * @param {string} label
 * @param {ButtonAttributes} [attributes]
 */
export const button = (label, { kind = "", ...attributes } = {}) =>
  el("button", { type: "button", class: `button ${kind}`, ...attributes }, label);

/**
 * Shows each field error at its field in `form` and the other errors at the form. Moves the focus to the first field
 * with an error.
 *
 * @param {HTMLElement} form
 * @param {unknown} error Only an `ApiError` is shown. Any other error is a bug and is thrown again.
 */
export function showProblem(form, error) {
  if (!(error instanceof ApiError)) throw error;
  clearProblem(form);
  const errors = error.fields.length ? error.fields : [{ field: "", message: error.message }];
  const formErrors = errors.filter((fieldError) => !showFieldError(form, fieldError));
  const place = form.querySelector(".form-error");
  if (place) place.textContent = formErrors.map(({ message }) => message).join(" ");
  /** @type {HTMLElement | null} */ (form.querySelector("[aria-invalid=true]"))?.focus();
  announce(error.message);
}

/**
 * Shows an error at its field. Returns false if the form has no such field. `rules.of.0.value` is shown at `rules`.
 *
 * @param {HTMLElement} form
 * @param {{field: string, message: string}} error
 */
export function showFieldError(form, { field: name, message }) {
  const container = nearestField(form, name);
  if (!container) return false;
  controlOf(container, name)?.setAttribute("aria-invalid", "true");
  container.querySelector(":scope > .field-error")?.append(el("span", {}, message));
  return true;
}

const CONTROL = ":is(input, textarea, select)";

/**
 * The control that has the error: in a field with several parts, the part that the error names.
 *
 * @param {HTMLElement} container
 * @param {string} name
 */
function controlOf(container, name) {
  const [part] = name.slice((container.dataset.field ?? "").length + 1).split(".");
  return container.querySelector(`:scope > ${CONTROL}, :scope > [data-part="${CSS.escape(part)}"] > ${CONTROL}`);
}

/**
 * @param {HTMLElement} form
 * @param {string} name
 * @returns {HTMLElement | null}
 */
function nearestField(form, name) {
  for (let path = name ?? ""; path; path = path.slice(0, Math.max(path.lastIndexOf("."), 0))) {
    const container = form.querySelector(`[data-field="${CSS.escape(path)}"]`);
    if (container instanceof HTMLElement) return container;
  }
  return null;
}

/** @param {HTMLElement} form */
export function clearProblem(form) {
  for (const control of form.querySelectorAll("[aria-invalid]")) control.removeAttribute("aria-invalid");
  for (const place of form.querySelectorAll(".field-error, .form-error")) place.replaceChildren();
}

/**
 * Disables the buttons while `work` runs. The button that was pressed shows a spinner and gets the focus back.
 *
 * @template Result
 * @param {HTMLButtonElement[]} buttons
 * @param {() => Promise<Result>} work
 */
export async function busy(buttons, work) {
  const pressed = buttons.find((candidate) => candidate === document.activeElement);
  setBusy(buttons, true, pressed);
  try {
    return await work();
  } finally {
    setBusy(buttons, false);
    if (pressed && document.activeElement === document.body) pressed.focus();
  }
}

/**
 * @param {HTMLButtonElement[]} buttons
 * @param {boolean} isBusy
 * @param {HTMLButtonElement} [pressed]
 */
function setBusy(buttons, isBusy, pressed) {
  for (const item of buttons) {
    item.disabled = isBusy;
    item.setAttribute("aria-busy", String(isBusy && (!pressed || item === pressed)));
  }
}
