/** A rule while it is written: its text, the builder's model, and the people who match it now. */

import { ApiError, segments } from "../api.js";
import { useResource } from "../data/resource.js";
import { useEffect, useRef, useState } from "../html.js";
import { language } from "../texts.js";
import { emptyModel, isModelComplete, modelFrom, treeFrom } from "./rule_model.js";
import { ruleText } from "./rule_text.js";

const DELAY = 50; // ms without a key before the rule is counted: less than between two keys of most people

/** @typedef {import("./rule_model.js").Group} Group */

/**
 * - `preview`: the newest numbers; they stay while the next ones are loaded and while the rule has a mistake.
 * - `isCurrent`: whether `preview` belongs to the rule as it is now.
 * - `errors`: what is wrong with the rule, as the server says; empty while that is not known.
 * - `failure`: why the people could not be counted, if the rule is not the reason.
 * - `isBuilt`: whether the builder wrote the text, so that the errors belong to its conditions.
 * - `isComplete`: whether every condition of the builder has its values.
 *
 * @typedef {{
 *   text: string, channel: string | undefined, model: Group, isBuilt: boolean, isComplete: boolean,
 *   paths: Map<number, string>, preview: Api.Preview | undefined, isCurrent: boolean, isLoading: boolean,
 *   errors: Api.FieldError[], failure: unknown, setText: (text: string) => void, setModel: (model: Group) => void,
 *   reload: () => Promise<void>,
 * }} AudienceState
 */

/**
 * Keeps text and builder in step. The text is the value: the caller stores it.
 *
 * @param {{text: string, onChange: (text: string) => unknown, channel?: string}} options `channel` is for `excluded`.
 * @returns {AudienceState}
 */
export function useAudience({ text, onChange, channel }) {
  const [model, setModelState] = useState(emptyModel);
  const built = useRef(/** @type {string | null} */ (null)); // the text that the model stands for
  const writer = useRef(/** @type {"text" | "builder"} */ ("text"));
  const isInStep = built.current === text;
  const isBuilt = isInStep && writer.current === "builder";
  const whole = isInStep ? treeFrom(model) : null;
  const people = usePeople(isBuilt && whole ? { rules: whole.tree } : { text }, text, channel);
  const { isCurrent, preview } = people;
  useEffect(() => {
    const next = modelOf(text, isCurrent ? preview : undefined);
    if (!next || built.current === text) return;
    built.current = text;
    setModelState(next);
  }, [text, isCurrent, preview]);
  /** @param {Group} next */
  const setModel = (next) => {
    const tree = treeFrom(next)?.tree;
    writer.current = "builder";
    built.current = tree ? ruleText(tree) : "";
    setModelState(next);
    if (built.current !== text) onChange(built.current);
  };
  return {
    ...people,
    text,
    channel,
    model,
    isBuilt,
    isComplete: !text.trim() || isModelComplete(model),
    paths: whole?.paths ?? new Map(),
    setText: (next) => {
      writer.current = "text";
      onChange(next);
    },
    setModel,
  };
}

/**
 * The builder's model of a text that was typed; null while the server has not read it.
 *
 * @param {string} text
 * @param {Api.Preview | undefined} preview
 */
function modelOf(text, preview) {
  if (!text.trim()) return emptyModel();
  return preview ? modelFrom(preview.rules) : null;
}

/**
 * The people who match a rule, counted when its text has not changed for a moment.
 *
 * @param {Api.RuleInput} rule
 * @param {string} text
 * @param {string | undefined} channel
 */
function usePeople(rule, text, channel) {
  const key = text.trim() ? JSON.stringify({ ...rule, channel, language: language() }) : null;
  const counted = useDebounced(key);
  const { data, error, isOld, reload } = useResource(
    counted && `rule ${counted}`,
    (signal) => segments.preview(JSON.parse(counted ?? ""), signal),
    { keep: true },
  );
  const isSettled = key !== null && key === counted;
  const isCurrent = isSettled && data !== undefined && !isOld;
  const failure = isSettled ? error : null;
  const errors = failure instanceof ApiError ? failure.fields : [];
  return {
    preview: key === null ? undefined : data,
    isCurrent,
    isLoading: key !== null && !(isCurrent || failure),
    errors,
    failure: errors.length ? null : failure,
    reload,
  };
}

/**
 * The value as it was when it had not changed for a moment. The first one comes at once.
 *
 * @param {string | null} value
 */
function useDebounced(value) {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    if (value === settled) return;
    const timer = setTimeout(() => setSettled(value), settled === null ? 0 : DELAY);
    return () => clearTimeout(timer);
  }, [value]);
  return settled;
}
