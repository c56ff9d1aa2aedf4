/** Shows what a merge of two customers would do, and does it when it is confirmed: it cannot be undone. */

import { customers } from "../../api.js";
import { mutate, useResource } from "../../data/resource.js";
import { html } from "../../html.js";
import { texts } from "../../texts.js";
import { Button, Loaded, toast } from "../../ui/basic.js";
import { Dialog } from "../../ui/overlays.js";

/** @typedef {Api.DuplicateCustomer} Duplicate */

/** @param {{keep: Duplicate, merge: Duplicate, onClose: () => unknown}} props */
export function MergeDialog({ keep, merge, onClose }) {
  const { dialog: t } = texts("duplicates");
  const preview = useResource(`merge ${keep.id} ${merge.id}`, () => customers.merge(keep.id, merge.id));
  const confirm = async () => {
    await mutate(() => customers.merge(keep.id, merge.id, { confirm: true }), "/api/customers");
    toast(t.done(nameOf(keep)));
    onClose();
  };
  const actions = html`
    <${Button} onClick=${onClose}>${texts().actions.cancel()}<//>
    <${Button} kind="danger primary" disabled=${!preview.data} onClick=${confirm}>${t.confirm()}<//>`;
  return html`<${Dialog} title=${t.title(nameOf(merge), nameOf(keep))} onClose=${onClose} actions=${actions}>
    <${Loaded} resource=${preview} rows=${3}>${(/** @type {Api.Merge} */ outcome) => html`<${Outcome} ...${{ outcome }} />`}<//>
  <//>`;
}

/** @param {{outcome: Api.Merge}} props */
function Outcome({ outcome: { activities, messages, conflicts } }) {
  const { dialog: t } = texts("duplicates");
  return html`<div class="stack-view">
    <p>${t.moves(activities, messages)}</p>
    ${
      conflicts.length > 0 &&
      html`<div>
        <p>${t.conflicts()}</p>
        <ul class="attention-list">${conflicts.map(
          ({ field, kept, dropped }) =>
            html`<li key=${field}><bdi>${t.conflict(field, plain(kept), plain(dropped))}</bdi></li>`,
        )}</ul>
      </div>`
    }
    <p><strong>${t.final()}</strong></p>
  </div>`;
}

/** @param {Duplicate} customer */
const nameOf = ({ name, external_id: id }) => name ?? id ?? texts().person.noName();

/** @param {unknown} value */
const plain = (value) => (typeof value === "string" ? value : JSON.stringify(value));
