/** Preact, its hooks and htm: everything that a component needs. Only this module names their files. */

import htm from "/lib/htm-3.1.1.js";
import { h } from "/lib/preact-11.2.0.js";
import { useEffect, useReducer } from "/lib/preact-hooks-11.2.0.js";

export { cloneElement, createContext, Fragment, h, render, toChildArray } from "/lib/preact-11.2.0.js";
export {
  useCallback,
  useContext,
  useEffect,
  useErrorBoundary,
  useId,
  useLayoutEffect,
  useMemo,
  useReducer,
  useRef,
  useState,
} from "/lib/preact-hooks-11.2.0.js";

/** @typedef {import("/lib/preact-11.2.0.js").ComponentChildren} Children */
/** @typedef {import("/lib/preact-11.2.0.js").VNode<any>} VNode */

/**
 * Builds elements: html`<p class="lead">${text}</p>`. Texts are never read as HTML.
 *
 * @type {(strings: TemplateStringsArray, ...values: any[]) => VNode}
 */
export const html = /** @type {any} */ (htm.bind(h));

/**
 * A value that several components share. `use()` returns it and renders the component again when it changes.
 *
 * @template Value
 * @param {Value} initial
 */
export function createStore(initial) {
  let value = initial;
  /** @type {Set<() => void>} */
  const listeners = new Set();
  /** @param {Value} next */
  const set = (next) => {
    value = next;
    for (const listener of [...listeners]) listener();
  };
  const use = () => {
    const [, render] = useReducer((/** @type {number} */ count) => count + 1, 0);
    const shown = value;
    useEffect(() => {
      const listener = () => render(undefined);
      listeners.add(listener);
      if (value !== shown) listener(); // it changed between the rendering and now
      return () => {
        listeners.delete(listener);
      };
    }, []);
    return shown;
  };
  return { get: () => value, set, use };
}
