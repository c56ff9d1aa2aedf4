/** Forms that hold their values: what changed, errors by path, autosave, a copy for the next visit, the leave guard. */

import { ApiError } from "../api.js";
import { useEffect, useRef, useState } from "../html.js";
import { useLeaveGuard } from "../router.js";
import { errorText, fieldErrorText, texts } from "../texts.js";

/** @typedef {Record<string, any>} Values */
/** @typedef {Record<string, string[]>} Errors The texts of each path. Those at "" belong to the whole form. */

/**
 * The value at a path such as `message.body`.
 *
 * @param {Values} values
 * @param {string} path
 */
export const valueAt = (values, path) =>
  path.split(".").reduce((/** @type {any} */ part, name) => part?.[name], values);

/**
 * A copy of `values` with another value at a path.
 *
 * @param {Values} values
 * @param {string} path
 * @param {unknown} value
 * @returns {Values}
 */
export function withValue(values, path, value) {
  const [name, ...rest] = path.split(".");
  const changed = rest.length ? withValue(values?.[name] ?? {}, rest.join("."), value) : value;
  if (Array.isArray(values)) return values.with(Number(name), changed);
  return { ...values, [name]: changed };
}

/**
 * Sorts the errors of the server by the fields that the form shows. `rules.of.0.value` is shown at `rules`; an error
 * without a field is shown at the form.
 *
 * @param {Api.FieldError[]} fieldErrors
 * @param {Iterable<string>} paths
 * @param {(error: Api.FieldError) => string} toText
 * @returns {Errors}
 */
export function errorsByPath(fieldErrors, paths, toText) {
  const known = new Set(paths);
  /** @type {Errors} */
  const errors = {};
  for (const error of fieldErrors) {
    let path = error.field ?? "";
    while (path && !known.has(path)) path = path.slice(0, Math.max(path.lastIndexOf("."), 0));
    errors[path] = [...(errors[path] ?? []), toText(error)];
  }
  return errors;
}

/** @param {string | undefined} copy */
const copyName = (copy) => `form:${copy}`;

/**
 * @param {string | undefined} copy
 * @param {Values} initial
 */
function restored(copy, initial) {
  if (!copy) return initial;
  try {
    return JSON.parse(sessionStorage.getItem(copyName(copy)) ?? "null") ?? initial;
  } catch {
    return initial;
  }
}

/**
 * @param {string | undefined} copy
 * @param {Values | null} values Null removes the copy.
 */
function keepCopy(copy, values) {
  if (!copy) return;
  if (values) sessionStorage.setItem(copyName(copy), JSON.stringify(values));
  else sessionStorage.removeItem(copyName(copy));
}

/**
 * - `initial`: the values. A form whose data is still loading is rendered when the data is there.
 * - `save(values)`: sends them. An `ApiError` is shown at the fields; any other error is a bug and is thrown again.
 * - `check(values)`: errors that need no server, as `{path: text}`.
 * - `autosave`: saves by itself, so many ms after the last change, as for a draft.
 * - `copy`: a name under which unsaved values are kept in this tab. Without `copy` and `autosave`, the reader is asked
 *   before they leave a form with changes.
 * - `onSaved(result, values)`: after each successful save.
 *
 * @template Result
 * @typedef {{
 *   initial: Values, save: (values: Values) => Promise<Result>, check?: (values: Values) => Record<string, string>,
 *   autosave?: number, copy?: string, onSaved?: (result: Result, values: Values) => unknown,
 * }} FormOptions
 */

/**
 * What a form remembers between two renderings.
 *
 * @typedef {{
 *   values: Values, saved: Values, errors: Errors, isSaving: boolean, savedAt: string | null,
 *   paths: Set<string>, running: Promise<boolean> | null, options: FormOptions<any>, render: () => void,
 *   isQuiet: boolean,
 * }} FormState `isQuiet`: the form saved by itself, so that an error must not move the focus.
 */

/**
 * @template Result
 * @param {FormOptions<Result>} options
 */
export function useForm(options) {
  const { initial, autosave, copy } = options;
  const [, count] = useState(0);
  const element = useRef(/** @type {HTMLFormElement | null} */ (null));
  const remembered = useRef(/** @type {FormState | null} */ (null));
  remembered.current ??= newState(options, () => count((before) => before + 1));
  const state = remembered.current;
  state.options = options;
  const { values, errors, isSaving, savedAt } = state;
  const isDirty = hasChanges(state);
  /** @param {Event} [event] */
  const submit = (event) => {
    event?.preventDefault();
    return submitForm(state);
  };
  useLeaveGuard(() => (hasChanges(state) && !copy && !autosave ? texts().leaveQuestion() : null));
  useEffect(() => keepCopy(copy, isDirty ? values : null), [copy, isDirty, values]);
  const saveQuietly = () => submitForm(state, true);
  useAutosave(autosave, isDirty, values, saveQuietly);
  useFirstError(element, errors, state.isQuiet);
  return {
    values,
    errors,
    isDirty,
    isSaving,
    savedAt,
    set: (/** @type {string} */ path, /** @type {unknown} */ value) => setValue(state, path, value),
    bind: (/** @type {string} */ path) => bindField(state, path),
    submit,
    saveQuietly,
    reset: (/** @type {Values} */ next = initial) => resetForm(state, next),
    showError: (/** @type {unknown} */ error) => {
      state.isQuiet = false;
      showError(state, error);
    },
    props: { ref: element, onSubmit: submit, noValidate: true },
  };
}

/**
 * @param {FormOptions<any>} options
 * @param {() => void} render
 * @returns {FormState}
 */
const newState = (options, render) => ({
  values: restored(options.copy, options.initial),
  saved: options.initial,
  errors: {},
  isSaving: false,
  savedAt: null,
  paths: new Set(),
  running: null,
  isQuiet: true,
  options,
  render,
});

/** @param {FormState} state */
const hasChanges = ({ values, saved }) => JSON.stringify(values) !== JSON.stringify(saved);

/**
 * @param {FormState} state
 * @param {Partial<FormState>} changes
 */
function change(state, changes) {
  Object.assign(state, changes);
  state.render();
}

/**
 * A new value takes away the error of its field.
 *
 * @param {FormState} state
 * @param {string} path
 * @param {unknown} value
 */
function setValue(state, path, value) {
  const { [path]: _, ...errors } = state.errors;
  change(state, { values: withValue(state.values, path, value), errors });
}

/**
 * What a field needs: html`<${Field} label="Name" ...${form.bind("name")} />`.
 *
 * @param {FormState} state
 * @param {string} path
 */
function bindField(state, path) {
  state.paths.add(path);
  /** @param {unknown} value */
  const onChange = (value) => setValue(state, path, value);
  return { name: path, value: valueAt(state.values, path) ?? "", errors: state.errors[path], onChange };
}

/**
 * Saves; returns whether that worked. A second call waits for the first. A quiet one keeps the errors of the fields.
 *
 * @param {FormState} state
 * @param {boolean} [isQuiet]
 */
async function submitForm(state, isQuiet = false) {
  await state.running;
  state.isQuiet = isQuiet;
  state.running = send(state).finally(() => {
    state.running = null;
  });
  return state.running;
}

/** @param {FormState} state */
async function send(state) {
  const sent = state.values;
  const problems = Object.entries(state.options.check?.(sent) ?? {});
  const { "": _, ...kept } = state.isQuiet ? state.errors : {};
  change(state, { errors: { ...kept, ...Object.fromEntries(problems.map(([path, text]) => [path, [text]])) } });
  if (problems.length) return false;
  change(state, { isSaving: true });
  try {
    const result = await state.options.save(sent);
    change(state, { saved: sent, savedAt: new Date().toISOString() });
    keepCopy(state.options.copy, null);
    await state.options.onSaved?.(result, sent);
    return true;
  } catch (error) {
    showError(state, error);
    return false;
  } finally {
    change(state, { isSaving: false });
  }
}

/**
 * @param {FormState} state
 * @param {unknown} error
 */
function showError(state, error) {
  if (!(error instanceof ApiError)) throw error;
  const found = errorsByPath(error.fields, state.paths, fieldErrorText);
  change(state, { errors: error.fields.length ? found : { "": [errorText(error)] } });
}

/**
 * @param {FormState} state
 * @param {Values} values
 */
function resetForm(state, values) {
  keepCopy(state.options.copy, null);
  change(state, { values, saved: values, errors: {} });
}

/**
 * @param {number | undefined} delay
 * @param {boolean} isDirty
 * @param {Values} values
 * @param {() => unknown} save
 */
function useAutosave(delay, isDirty, values, save) {
  useEffect(() => {
    if (!(delay && isDirty)) return;
    const timer = setTimeout(save, delay);
    return () => clearTimeout(timer);
  }, [delay, isDirty, values]);
}

/**
 * Moves the focus to the first field with an error, and scrolls to it; without one, to the error of the form.
 *
 * @param {{current: HTMLFormElement | null}} element
 * @param {Errors} errors
 * @param {boolean} isQuiet
 */
function useFirstError(element, errors, isQuiet) {
  const count = Object.keys(errors).length;
  const before = useRef(0);
  useEffect(() => {
    const isNew = count > before.current;
    before.current = count;
    if (!isNew || isQuiet) return;
    const first =
      element.current?.querySelector('[aria-invalid="true"]') ?? element.current?.querySelector("[role=alert]");
    if (!(first instanceof HTMLElement)) return;
    first.focus({ preventScroll: true });
    first.scrollIntoView({ block: "center" });
  }, [count, errors]);
}
