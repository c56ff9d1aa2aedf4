/** The last step: trying the file, which writes nothing, and importing it. */

import { imports } from "../api.js";
import { announce, el } from "../dom.js";
import { busy, button } from "../forms.js";
import { plural } from "../format.js";
import { poll } from "../poll.js";
import { failed, panel } from "../states.js";
import { progress, result } from "./result.js";

const POLL = 500;
const UNDERWAY = ["receiving", "working"];

/** `{element, reset(columns)}`: with null there is nothing to try yet. */
export function runPanel({ file, signal }) {
  let columns = null;
  let latest = new AbortController();
  const place = el("div", { class: "stack" });
  const attempt = button("Try it without writing", { onclick: () => start(true) });
  const go = button("Import", { kind: "primary", onclick: () => start(false) });
  const buttons = [attempt, go];

  const enable = () => {
    for (const one of buttons) one.disabled = !columns;
  };

  const start = async (isDry) => {
    latest = new AbortController();
    const current = AbortSignal.any([signal, latest.signal]);
    await busy(buttons, () => bringIn({ file, columns, isDry, place, signal: current }));
    enable(); // another choice may have ended it
  };

  const reset = (chosen) => {
    latest.abort();
    columns = chosen;
    place.replaceChildren();
    enable();
  };

  const actions = el("div", { class: "actions start" }, go, attempt);
  return { element: panel("Import", {}, actions, place), reset };
}

async function bringIn({ file, columns, isDry, place, signal }) {
  try {
    place.replaceChildren(progress(null, file.size));
    const mapped = Object.keys(columns).length ? JSON.stringify(columns) : null;
    const { import_id: id } = await imports.start(file, { columns: mapped, isDry }, signal);
    await follow(id, place, signal);
  } catch (error) {
    if (!signal.aborted) place.replaceChildren(failed(error));
  }
}

/** Shows how far it has come until it is over. */
async function follow(id, place, signal) {
  const over = new AbortController();
  const step = async (current) => {
    const status = await imports.get(id, current);
    const isUnderWay = UNDERWAY.includes(status.state);
    if (current.aborted) return POLL;
    place.replaceChildren(isUnderWay ? progress(status) : result(status, signal));
    if (isUnderWay) return POLL;
    end(over, status);
    return 0;
  };
  const onError = (error) => place.replaceChildren(failed(error));
  await poll(step, { onError, signal: AbortSignal.any([signal, over.signal]) });
}

function end(over, { dry_run: isDry, rows }) {
  over.abort();
  announce(`${plural(rows, "row")} ${isDry ? "tried" : "imported"}`);
}
