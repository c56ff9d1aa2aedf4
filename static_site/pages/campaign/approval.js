/** The approval of a draft: some campaigns need two people, one who approves and one who launches. */

import { campaigns } from "../../api.js";
import { mutate, useResource } from "../../data/resource.js";
import { html } from "../../html.js";
import { maySend } from "../../session.js";
import { dateTime } from "../../texts/format.js";
import { texts } from "../../texts.js";
import { Button, Notice, toast } from "../../ui/basic.js";
import { ask } from "../../ui/overlays.js";

/** @param {{campaign: Api.Campaign, me: Api.Me}} props */
export function Approval({ campaign, me }) {
  const { approval: t } = texts("campaign");
  const { id, approved_by: by, approved_at: at } = campaign;
  const key = `/api/campaigns/${id}/checklist`;
  const checklist = useResource(key, (signal) => campaigns.checklist(id, signal));
  const state = checklist.data?.approval;
  if (state === "given" && by && at) return html`<${Notice} tone="good">${t.given(by, dateTime(at))}<//>`;
  if (state !== "needed") return null;
  const button = maySend(me) && checklist.data?.ok && html`<${ApproveButton} id=${id} />`;
  return html`<${Notice} tone="warn" title=${t.title()} action=${button}>${t.text()}<//>`;
}

/** @param {{id: string}} props */
function ApproveButton({ id }) {
  const { approval: t } = texts("campaign");
  const approve = async () => {
    if (!(await ask({ title: t.askTitle(), text: t.askText(), confirm: t.approve() }))) return;
    await mutate(() => campaigns.approve(id), `/api/campaigns/${id}`);
    toast(t.done());
  };
  return html`<${Button} isSmall onClick=${approve}>${t.approve()}<//>`;
}
