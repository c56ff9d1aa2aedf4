/** The saved mapping that is used for a file, and what was chosen for its columns, to save under a name. */

import { ApiError, imports } from "../../api.js";
import { invalidate } from "../../data/resource.js";
import { html, useState } from "../../html.js";
import { dateTime } from "../../texts/format.js";
import { errorText, texts } from "../../texts.js";
import { Button, Card, Notice } from "../../ui/basic.js";
import { Field } from "../../ui/fields.js";
import { ask } from "../../ui/overlays.js";
import { changeImport, chooseMapping } from "./running_import.js";

/** @typedef {import("./running_import.js").ImportState} ImportState */

/**
 * @param {{
 *   state: ImportState, what: Api.FileKind, preview: Api.ImportPreview, problem: string, isLocked: boolean,
 * }} props
 */
export function Mapping({ state, what, preview, problem, isLocked }) {
  const t = texts("imports").mapping;
  const others = preview.mappings.filter(({ id }) => id !== state.mapping?.id);
  const isChanged = JSON.stringify(state.columns) !== JSON.stringify(state.mapping?.columns ?? {});
  const canSave = isChanged && Object.keys(state.columns).length > 0 && problem === "";
  if (!(state.mapping || others.length || canSave)) return null;
  const headings = preview.columns.map(({ key }) => key).filter(Boolean);
  return html`<${Card} title=${t.title()}>
    ${state.mapping && html`<${Used} mapping=${state.mapping} isLocked=${isLocked} />`}
    ${others.map(
      (mapping) => html`<div key=${mapping.id} class="button-row">
        <${Button} disabled=${isLocked} onClick=${() => chooseMapping(mapping)}>${t.use(mapping.name)}<//>
      </div>`,
    )}
    ${canSave && html`<${Save} key=${state.mapping?.id} ...${{ state, what, headings, isLocked }} />`}
  <//>`;
}

/** @param {{mapping: Api.SavedMapping, isLocked: boolean}} props */
function Used({ mapping, isLocked }) {
  const t = texts("imports").mapping;
  const { name, by, at, outdated } = mapping;
  const remove = async () => {
    const isSure = await ask({ title: t.ask(name), text: t.askText(), confirm: t.delete(), isDanger: true });
    if (!isSure) return;
    await imports.deleteMapping(mapping.id).catch((error) => {
      if (!(error instanceof ApiError)) throw error;
      changeImport({ error });
    });
    chooseMapping(null);
    await invalidate("preview ");
  };
  return html`<${Notice} tone="info">${t.used(name, by, dateTime(at))}<//>
    ${outdated.length > 0 && html`<${Notice} tone="warn">${t.outdated(outdated)}<//>`}
    <div class="button-row">
      <${Button} disabled=${isLocked} onClick=${() => chooseMapping(null)}>${t.doNotUse()}<//>
      <${Button} kind="danger" disabled=${isLocked} onClick=${remove}>${t.delete()}<//>
    </div>`;
}

/** @param {{state: ImportState, what: Api.FileKind, headings: string[], isLocked: boolean}} props */
function Save({ state, what, headings, isLocked }) {
  const t = texts("imports").mapping;
  const [name, setName] = useState(state.mapping?.name ?? "");
  const [problem, setProblem] = useState("");
  const save = async () => {
    setProblem("");
    try {
      const { columns } = state;
      const mapping = await imports.saveMapping({ name, what, headings, columns });
      changeImport({ mapping: { ...mapping, columns } });
      await invalidate("preview ");
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      setProblem(errorText(error));
    }
  };
  return html`<${Field} label=${t.name()} value=${name} onChange=${setName} maxlength="100" hint=${t.hint()} errors=${problem ? [problem] : []} />
    <div class="button-row"><${Button} disabled=${isLocked || !name.trim()} onClick=${save}>${t.save()}<//></div>`;
}
