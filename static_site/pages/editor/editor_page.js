/** The campaign editor: a draft that is saved from the first key, in four steps on one page. */

import { campaigns } from "../../api.js";
import { useAudience } from "../../audience/use_audience.js";
import { useResource } from "../../data/resource.js";
import { html, useEffect, useState } from "../../html.js";
import { navigate } from "../../router.js";
import { texts } from "../../texts.js";
import { Badge, Button, Failure, Notice, PageHeader, Skeleton, toast } from "../../ui/basic.js";
import { Field } from "../../ui/fields.js";
import { ask, Menu } from "../../ui/overlays.js";
import { AudienceStep } from "./audience_step.js";
import { CheckStep } from "./check_step.js";
import { EMPTY_DRAFT, valuesFrom } from "./draft.js";
import { MessageStep } from "./message_step.js";
import { SendingStep } from "./sending_step.js";
import { SidePreview } from "./side_preview.js";
import { useDraft } from "./use_draft.js";

/** @param {{params: {id?: string}, me: Api.Me}} props */
export default function EditorPage({ params: { id }, me }) {
  if (!id) return html`<${Editor} id=${null} initial=${EMPTY_DRAFT} me=${me} />`;
  return html`<${StoredDraft} id=${id} me=${me} />`;
}

/** @param {{id: string, me: Api.Me}} props */
function StoredDraft({ id, me }) {
  const { data, error, reload } = useResource(`/api/campaigns/${id}`, (signal) => campaigns.get(id, signal));
  const [first, setFirst] = useState(/** @type {Api.Campaign | undefined} */ (data));
  useEffect(() => {
    if (data && !first) setFirst(data);
    if (data && !["draft", "scheduled"].includes(data.state)) navigate(`/campaigns/${id}`, { replace: true });
  }, [data]);
  if (!first) return error ? html`<${Failure} error=${error} retry=${reload} />` : html`<${Skeleton} rows=${8} />`;
  return html`<${Editor} id=${id} initial=${valuesFrom(first)} state=${first.state} me=${me} />`;
}

/**
 * @param {{
 *   id: string | null, initial: import("./draft.js").DraftValues, state?: Api.CampaignState, me: Api.Me,
 * }} props
 */
function Editor({ id, initial, state = "draft", me }) {
  const t = texts("editor");
  const draft = useDraft({ id, initial });
  const { form } = draft;
  const audience = useAudience({
    text: form.values.text,
    onChange: (text) => form.set("text", text),
    channel: form.values.channel,
  });
  /** @param {Event} event */
  const onSubmit = (event) => {
    event.preventDefault();
    if (form.isDirty) form.saveQuietly();
  };
  return html`<div class="view editor">
    <${PageHeader}
      title=${form.values.name || t.untitled()} badge=${html`<${Badge} state=${state} />`}
      back=${{ href: "/campaigns", label: t.all() }}
      actions=${html`<${SaveState} draft=${draft} /><${DraftMenu} draft=${draft} />`}
    />
    <${Steps} />
    ${draft.hasFailed && html`<${Notice} tone="warn">${t.notSaved(form.errors[""].join(" "))}<//>`}
    <form class="editor-columns" ...${form.props} onSubmit=${onSubmit}>
      <div class="editor-main">
        <${Field} label=${t.name()} maxlength="200" placeholder=${t.namePlaceholder()} ...${form.bind("name")} />
        <${AudienceStep} ...${{ draft, audience, me }} />
        <${MessageStep} draft=${draft} />
      </div>
      <aside class="editor-side" aria-label=${t.preview.title()}><${SidePreview} draft=${draft} /></aside>
      <div class="editor-main">
        <${SendingStep} draft=${draft} />
        <${CheckStep} ...${{ draft, audience, me }} />
      </div>
    </form>
  </div>`;
}

/** @type {("audience" | "message" | "sending" | "check")[]} */
const STEPS = ["audience", "message", "sending", "check"];

function Steps() {
  const t = texts("editor");
  /** @param {string} name */
  const go = (name) => {
    const step = document.getElementById(`step-${name}`);
    step?.scrollIntoView({ block: "start", behavior: "smooth" });
    step?.focus({ preventScroll: true });
  };
  return html`<nav class="editor-steps" aria-label=${t.steps.label()}>
    <ol>${STEPS.map(
      (name, index) =>
        html`<li key=${name}><button type="button" onClick=${() => go(name)}><span class="step-number">${index + 1}</span>${t.steps[name]()}</button></li>`,
    )}</ol>
  </nav>`;
}

/** @param {{draft: import("./use_draft.js").Draft}} props */
function SaveState({ draft: { form, id } }) {
  const t = texts("editor");
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  const seconds = form.savedAt ? Math.max(0, Math.round((now - Date.parse(form.savedAt)) / 1000)) : null;
  return html`<span class="save-state" role="status">${saveText({ form, id, seconds }, t)}</span>`;
}

/**
 * @param {{form: import("./use_draft.js").Draft["form"], id: string | null, seconds: number | null}} state
 * @param {Ui.Texts["editor"]} t
 */
function saveText({ form, id, seconds }, t) {
  if (form.isSaving) return t.save.saving();
  if (form.isDirty) return t.save.soon();
  if (seconds !== null) return t.save.ago(seconds);
  return id ? t.save.saved() : t.save.firstKey();
}

/** @param {{draft: import("./use_draft.js").Draft}} props */
function DraftMenu({ draft }) {
  const t = texts("editor");
  const duplicate = async () => {
    if (!(await draft.save())) return;
    const { id } = await campaigns.copy(draft.currentId());
    toast(t.duplicated());
    navigate(`/campaigns/${id}/edit`);
  };
  const remove = async () => {
    if (!(await ask({ title: t.remove.title(), text: t.remove.text(), confirm: t.remove.confirm(), isDanger: true })))
      return;
    await campaigns.removeDraft(draft.currentId());
    draft.form.reset(EMPTY_DRAFT);
    toast(t.remove.done());
    navigate("/campaigns");
  };
  if (!draft.id) return null;
  return html`<${Button} icon="copy" isSmall onClick=${duplicate}>${t.duplicate()}<//>
    <${Menu} label=${texts().actions.more()} items=${[{ label: t.remove.action(), icon: "trash", isDanger: true, onSelect: remove }]} />`;
}
