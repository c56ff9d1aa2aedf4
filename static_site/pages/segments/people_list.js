/** The people of a static segment: how many they are, and how to add, remove or replace some. */

import { ApiError, segments } from "../../api.js";
import { mutate } from "../../data/resource.js";
import { html, useState } from "../../html.js";
import { number } from "../../texts/format.js";
import { fieldErrorText, texts } from "../../texts.js";
import { Button, Card, Notice, toast } from "../../ui/basic.js";
import { Choice, Field } from "../../ui/fields.js";
import { Stat, StatStrip } from "../../ui/figures.js";
import { ask } from "../../ui/overlays.js";
import { EXTENSIONS, fileError, withMediaType } from "../imports/files.js";
import { namesIn } from "./people_names.js";

const KEY = "/api/segments";
const MODES = /** @type {Api.ListMode[]} */ (["add", "remove", "replace"]);

/** @param {{segment: Api.SegmentDetails}} props */
export function ListNumbers({ segment: { entries, count_now: now } }) {
  const t = texts("segments").list;
  const known = now ?? 0;
  const unknown = Math.max((entries ?? 0) - known, 0);
  return html`<${StatStrip} label=${t.numbers()}>
    <${Stat} label=${t.entries()} value=${number(entries ?? 0)} />
    <${Stat} label=${t.customers()} value=${number(known)} />
    ${unknown > 0 && html`<${Stat} label=${t.unknown()} value=${number(unknown)} note=${t.unknownHint()} />`}
  <//>`;
}

/**
 * The form. What would change is shown in a question, before anything is written.
 *
 * @param {{segment: Api.SegmentDetails}} props
 */
export function ChangePeople({ segment: { id } }) {
  const t = texts("segments").list;
  const [mode, setMode] = useState(/** @type {Api.ListMode} */ ("add"));
  const [text, setText] = useState("");
  const [file, setFile] = useState(/** @type {File | null} */ (null));
  const [problem, setProblem] = useState("");
  const [rejected, setRejected] = useState(/** @type {Api.ListChange | null} */ (null));
  const clear = () => {
    setText("");
    setFile(null);
  };
  const change = async () => {
    const people = await peopleOf(text, file);
    const check = await segments.changePeople(id, people, { mode, isDryRun: true });
    if (!(await ask(questionAbout(check, mode)))) return;
    const done = await mutate(() => segments.changePeople(id, people, { mode }), KEY, "/api/customers");
    toast(t.done(done.customers));
    setRejected(done.rejected ? done : null);
    clear();
  };
  const submit = () => {
    setProblem("");
    setRejected(null);
    return change().catch((error) => {
      if (!(error instanceof ApiError) || error.status !== 422) throw error;
      setProblem(error.fields.map(problemText).join(" ") || error.message);
    });
  };
  return html`<${Card} title=${t.change()}>
    <div class="stack-view">
      <${Choice} label=${t.mode()} value=${mode} onChange=${setMode} options=${MODES.map((value) => ({ value, label: t.modes[value]() }))} />
      <${Field}
        label=${t.people()} hint=${t.peopleHint()} isMultiline value=${text} onChange=${setText} disabled=${file !== null}
        errors=${problem ? [problem] : undefined} spellcheck="false"
      />
      <${FileInput} file=${file} onFile=${setFile} />
      <div class="button-row"><${Button} kind="primary" disabled=${!(text.trim() || file) && mode !== "replace"} onClick=${submit}>${t.check()}<//></div>
      ${rejected && html`<${Rejections} change=${rejected} />`}
    </div>
  <//>`;
}

/** @param {Api.FieldError} error */
const problemText = (error) =>
  error.code === "too_many" ? texts("segments").list.tooMany(error.limit ?? 0) : fieldErrorText(error);

/**
 * What is sent: the names of the text, or of a file with one name a line; any other file as it is.
 *
 * @param {string} text
 * @param {File | null} file
 * @returns {Promise<string[] | Blob>}
 */
async function peopleOf(text, file) {
  if (!file) return namesIn(text);
  return file.name.toLowerCase().endsWith(".txt") ? namesIn(await file.text()) : (withMediaType(file) ?? file);
}

/**
 * @param {Api.ListChange} check
 * @param {Api.ListMode} mode
 */
function questionAbout(check, mode) {
  const t = texts("segments").list;
  const lines = [
    t.known(check.known),
    check.unknown > 0 && t.unknownPeople(check.unknown),
    check.repeated > 0 && t.repeated(check.repeated),
    check.rejected > 0 && t.rejected(check.rejected),
    t.after(check.entries, check.customers),
  ];
  return {
    title: t.questions[mode](check.known + check.unknown),
    text: lines.filter(Boolean).join(" "),
    confirm: t.modes[mode](),
    isDanger: mode !== "add",
  };
}

/** @param {{file: File | null, onFile: (file: File | null) => void}} props */
function FileInput({ file, onFile }) {
  const t = texts("segments").list;
  const [problem, setProblem] = useState(/** @type {ReturnType<typeof fileError>} */ (null));
  /** @param {File | undefined} chosen */
  const choose = (chosen) => {
    const found = chosen ? fileError(chosen) : null;
    setProblem(found);
    onFile(found || !chosen ? null : chosen);
  };
  return html`<div class="form-field">
    <label class="form-label" for="people-file">${t.file()}</label>
    <input
      id="people-file" key=${file === null} type="file" accept=${EXTENSIONS.join(",")} aria-describedby="people-file-hint"
      aria-invalid=${problem ? "true" : undefined} onChange=${(/** @type {any} */ event) => choose(event.currentTarget.files[0])}
    />
    <p class="form-hint" id="people-file-hint">${t.fileHint()}</p>
    ${problem && html`<p class="form-problem" role="alert">${t.fileErrors[problem]()}</p>`}
  </div>`;
}

/** @param {{change: Api.ListChange}} props */
const Rejections = ({
  change: { rejected, rejections },
}) => html`<${Notice} tone="warn" title=${texts("segments").list.rejected(rejected)}>
  <ul>${rejections
    .slice(0, 10)
    .map(
      ({ row, errors }) =>
        html`<li key=${row}>${texts("segments").list.row(row)} ${errors.map(fieldErrorText).join(" ")}</li>`,
    )}</ul>
<//>`;
