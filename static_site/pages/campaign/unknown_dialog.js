/** The decision about the messages of which nobody knows whether they arrived. */

import { campaigns } from "../../api.js";
import { mutate } from "../../data/resource.js";
import { html } from "../../html.js";
import { texts } from "../../texts.js";
import { Button } from "../../ui/basic.js";
import { Dialog } from "../../ui/overlays.js";

/** @param {{campaign: Api.Campaign, unknown: number, onClose: () => unknown}} props */
export function UnknownDialog({ campaign: { id }, unknown, onClose }) {
  const { deciding: t } = texts("campaign");
  /** @param {Api.UnknownDecision} decision */
  const decide = async (decision) => {
    await mutate(() => campaigns.decideUnknown(id, decision), "/api/campaigns");
    onClose();
  };
  const actions = html`
    <${Button} onClick=${onClose}>${t.later()}<//>
    <${Button} onClick=${() => decide("record_as_failed")}>${t.fail.confirm(unknown)}<//>
    <${Button} kind="danger primary" onClick=${() => decide("send_again")}>${t.send.confirm(unknown)}<//>`;
  return html`<${Dialog} title=${t.title(unknown)} onClose=${onClose} actions=${actions}>
    <p>${t.text()}</p>
    <dl class="choices">
      <div><dt>${t.send.title()}</dt><dd>${t.send.text(unknown)}</dd></div>
      <div><dt>${t.fail.title()}</dt><dd>${t.fail.text()}</dd></div>
    </dl>
  <//>`;
}
