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
 * @template Result
 * @param {FormOptions<Result>} options
 */
export function useForm(options) {
  const { initial, autosave, copy } = options;
  const [values, setValues] = useState(() => restored(copy, initial));
  const [saved, setSaved] = useState(initial);
  const [errors, setErrors] = useState(/** @type {Errors} */ ({}));
  const [isSaving, setIsSaving] = useState(false);
  const [savedAt, setSavedAt] = useState(/** @type {string | null} */ (null));
  const element = useRef(/** @type {HTMLFormElement | null} */ (null));
  const paths = useRef(/** @type {Set<string>} */ (new Set()));
  const state = useRef({ values, options, running: /** @type {Promise<boolean> | null} */ (null) });
  state.current.values = values;
  state.current.options = options;
  const isDirty = JSON.stringify(values) !== JSON.stringify(saved);
  const isGuarded = isDirty && !copy && !autosave;
  useLeaveGuard(isGuarded ? texts().leaveQuestion() : null);
  useEffect(() => keepCopy(copy, isDirty ? values : null), [copy, isDirty, values]);
  useAutosave(autosave, isDirty, values, () => submit());
  useFirstError(element, errors);

  /**
   * @param {string} path
   * @param {unknown} value
   */
  const set = (path, value) => {
    state.current.values = withValue(state.current.values, path, value);
    setValues(state.current.values);
    setErrors(({ [path]: _, ...others }) => others);
  };

  /** @param {unknown} error */
  const showError = (error) => {
    if (!(error instanceof ApiError)) throw error;
    const found = errorsByPath(error.fields, paths.current, fieldErrorText);
    setErrors(error.fields.length ? found : { "": [errorText(error)] });
  };

  const send = async () => {
    const sent = state.current.values;
    const problems = Object.entries(state.current.options.check?.(sent) ?? {});
    setErrors(Object.fromEntries(problems.map(([path, text]) => [path, [text]])));
    if (problems.length) return false;
    setIsSaving(true);
    try {
      const result = await state.current.options.save(sent);
      setSaved(sent);
      setSavedAt(new Date().toISOString());
      keepCopy(copy, null);
      await state.current.options.onSaved?.(result, sent);
      return true;
    } catch (error) {
      showError(error);
      return false;
    } finally {
      setIsSaving(false);
    }
  };

  /**
   * Saves; returns whether that worked. A second call waits for the first.
   *
   * @param {Event} [event]
   */
  const submit = async (event) => {
    event?.preventDefault();
    await state.current.running;
    state.current.running = send().finally(() => {
      state.current.running = null;
    });
    return state.current.running;
  };

  /** @param {Values} [next] */
  const reset = (next = initial) => {
    keepCopy(copy, null);
    state.current.values = next;
    setValues(next);
    setSaved(next);
    setErrors({});
  };

  /**
   * What a field needs: html`<${Field} label="Name" ...${form.bind("name")} />`.
   *
   * @param {string} path
   */
  const bind = (path) => {
    paths.current.add(path);
    /** @param {unknown} value */
    const onChange = (value) => set(path, value);
    return { name: path, value: valueAt(values, path) ?? "", errors: errors[path], onChange };
  };

  return {
    values,
    errors,
    isDirty,
    isSaving,
    savedAt,
    set,
    bind,
    submit,
    reset,
    showError,
    props: { ref: element, onSubmit: submit, noValidate: true },
  };
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
 */
function useFirstError(element, errors) {
  const count = Object.keys(errors).length;
  const before = useRef(0);
  useEffect(() => {
    const isNew = count > before.current;
    before.current = count;
    if (!isNew) return;
    const first =
      element.current?.querySelector('[aria-invalid="true"]') ?? element.current?.querySelector("[role=alert]");
    if (!(first instanceof HTMLElement)) return;
    first.focus({ preventScroll: true });
    first.scrollIntoView({ block: "center" });
  }, [count, errors]);
}
