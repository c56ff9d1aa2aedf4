/** Preact, its hooks and htm: everything that a component needs. Only this module names their files. */

import htm from "/lib/htm-3.1.1.js";
import { h } from "/lib/preact-11.2.0.js";

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
