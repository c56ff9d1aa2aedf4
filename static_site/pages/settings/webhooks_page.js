/** The webhooks: which events go to which address, and how it goes. Only an admin opens it. */

import { webhooks } from "../../api.js";
import { useForm } from "../../data/form.js";
import { mutate, useResource } from "../../data/resource.js";
import { html, useState } from "../../html.js";
import { texts } from "../../texts.js";
import { Badge, Button, Card, Empty, Loaded, Notice, PageHeader, Time, toast } from "../../ui/basic.js";
import { Checkbox, Field, FormEnd } from "../../ui/fields.js";
import { ask, Dialog, Menu } from "../../ui/overlays.js";
import { Table } from "../../ui/table.js";
import { Sections } from "./sections.js";
import { WebhookLog } from "./webhook_log.js";

const KEY = "/api/webhooks";

/** The events, and the name of each in the form, whose paths have dots. */
const EVENTS = /** @type {[Api.EventType, keyof Ui.Texts["settings"]["webhooks"]["events"]][]} */ ([
  ["message.sent", "sent"],
  ["message.failed", "failed"],
  ["message.opened", "opened"],
  ["message.clicked", "clicked"],
  ["message.unsubscribed", "unsubscribed"],
  ["customer.changed", "customer"],
  ["campaign.finished", "campaign"],
]);

/** @typedef {"create" | {change: Api.Webhook} | {log: Api.Webhook} | {secret: string} | null} Open */

export default function WebhooksPage() {
  const { webhooks: t } = texts("settings");
  const list = useResource(KEY, webhooks.list);
  const [open, setOpen] = useState(/** @type {Open} */ (null));
  const close = () => setOpen(null);
  const actions = html`<${Button} kind="primary" icon="plus" onClick=${() => setOpen("create")}>${t.create()}<//>`;
  return html`<div class="view">
    <${PageHeader} title=${t.title()} lead=${t.lead()} actions=${actions} />
    <${Sections} current="webhooks" />
    <${Card} label=${t.title()} isFlush>
      <${Loaded} resource=${list} rows=${3}>${(/** @type {{items: Api.Webhook[]}} */ { items }) => html`<${List} items=${items} open=${setOpen} />`}<//>
    <//>
    ${open === "create" && html`<${WebhookDialog} onClose=${close} onSaved=${(/** @type {Api.NewWebhook} */ { secret }) => setOpen({ secret })} />`}
    ${open && typeof open === "object" && "change" in open && html`<${WebhookDialog} webhook=${open.change} onClose=${close} onSaved=${close} />`}
    ${open && typeof open === "object" && "log" in open && html`<${WebhookLog} webhook=${open.log} onClose=${close} />`}
    ${open && typeof open === "object" && "secret" in open && html`<${NewSecret} secret=${open.secret} onClose=${close} />`}
  </div>`;
}

/** @param {{items: Api.Webhook[], open: (what: Open) => void}} props */
function List({ items, open }) {
  const { webhooks: t } = texts("settings");
  if (!items.length) return html`<${Empty} icon="send" title=${t.empty.title()} text=${t.empty.text()} />`;
  return html`<${Table} caption=${t.title()} columns=${columns(open)} rows=${items} rowKey=${(/** @type {Api.Webhook} */ { id }) => id} />`;
}

/**
 * @param {(what: Open) => void} open
 * @returns {import("../../ui/table.js").Column<Api.Webhook>[]}
 */
function columns(open) {
  const { webhooks: t } = texts("settings");
  return [
    { title: t.columns.name(), phone: "title", cell: ({ name }) => html`<bdi class="clamped">${name}</bdi>` },
    { title: t.columns.url(), phone: "line", cell: ({ url }) => html`<bdi class="clamped">${url}</bdi>` },
    { title: t.columns.events(), cell: ({ events }) => events.map(eventText).join(", ") },
    { title: t.columns.state(), phone: "end", cell: (webhook) => html`<${Standing} webhook=${webhook} />` },
    {
      title: t.columns.success(),
      cell: ({ last_success_at: at }) => (at ? html`<${Time} at=${at} />` : t.neverSent()),
    },
    {
      title: texts().actions.more(),
      isTitleHidden: true,
      phone: "aside",
      cell: (webhook) => html`<${Actions} webhook=${webhook} open=${open} />`,
    },
  ];
}

/** @param {string} type */
function eventText(type) {
  const { events } = texts("settings").webhooks;
  const known = EVENTS.find(([name]) => name === type);
  return known ? events[known[1]]() : type;
}

/** @param {{webhook: Api.Webhook}} props */
function Standing({ webhook }) {
  const { webhooks: t } = texts("settings");
  if (webhook.needs_attention) return html`<${Badge} tone="bad">${t.states[webhook.needs_attention]()}<//>`;
  if (!webhook.enabled) return html`<${Badge}>${t.states.off()}<//>`;
  if (webhook.failing_since) return html`<${Badge} tone="warn">${t.states.retrying()}<//>`;
  return html`<${Badge} tone="good">${t.states.on()}<//>`;
}

/** @param {{webhook: Api.Webhook, open: (what: Open) => void}} props */
function Actions({ webhook, open }) {
  const { webhooks: t } = texts("settings");
  const { id, name, enabled } = webhook;
  const test = async () => {
    await webhooks.test(id);
    toast(t.testQueued());
  };
  const toggle = async () => {
    await mutate(() => webhooks.change(id, { enabled: !enabled }), KEY);
    toast(enabled ? t.switchedOff(name) : t.switchedOn(name));
  };
  const rotate = async () => {
    if (!(await ask({ title: t.rotateTitle(name), text: t.rotateText(), confirm: t.rotate() }))) return;
    open({ secret: (await mutate(() => webhooks.rotate(id), KEY)).secret });
  };
  const remove = async () => {
    const question = { title: t.removeTitle(name), text: t.removeText(), confirm: t.remove(), isDanger: true };
    if (!(await ask(question))) return;
    await mutate(() => webhooks.remove(id), KEY);
    toast(t.removed(name));
  };
  const items = [
    { label: t.log(), onSelect: () => open({ log: webhook }) },
    { label: t.test(), onSelect: test },
    { label: t.change(), onSelect: () => open({ change: webhook }) },
    { label: enabled ? t.switchOff() : t.switchOn(), onSelect: toggle },
    { label: t.rotate(), onSelect: rotate },
    { label: t.remove(), onSelect: remove, isDanger: true },
  ];
  return html`<${Menu} label=${t.actions(name)} items=${items} />`;
}

/**
 * Asks for the name, the address and the events of a new webhook, or of one that is changed.
 *
 * @param {{webhook?: Api.Webhook, onClose: () => unknown, onSaved: (saved: any) => unknown}} props
 */
function WebhookDialog({ webhook, onClose, onSaved }) {
  const { webhooks: t } = texts("settings");
  const chosen = webhook?.events ?? EVENTS.map(([type]) => type);
  const form = useForm({
    initial: {
      name: webhook?.name ?? "",
      url: webhook?.url ?? "",
      ...Object.fromEntries(EVENTS.map(([type, field]) => [field, chosen.includes(type)])),
    },
    save: ({ name, url, ...fields }) => {
      const body = { name, url, events: EVENTS.filter(([, field]) => fields[field]).map(([type]) => type) };
      return mutate(() => (webhook ? webhooks.change(webhook.id, body) : webhooks.create(body)), KEY);
    },
    onSaved,
  });
  return html`<${Dialog} title=${webhook ? t.changeTitle(webhook.name) : t.createTitle()} onClose=${onClose}>
    <form class="stack-view" ...${form.props}>
      <${Field} label=${t.columns.name()} hint=${t.nameHint()} ...${form.bind("name")} />
      <${Field} label=${t.columns.url()} hint=${t.urlHint()} ...${form.bind("url")} />
      <fieldset class="form-field">
        <legend class="form-label">${t.columns.events()}</legend>
        ${EVENTS.map(([type, field]) => html`<${Checkbox} key=${type} label=${t.events[field]()} ...${form.bind(field)} />`)}
      </fieldset>
      <${FormEnd} form=${form} submit=${webhook ? t.save() : t.create()} onCancel=${onClose} />
    </form>
  <//>`;
}

/** @param {{secret: string, onClose: () => unknown}} props */
function NewSecret({ secret, onClose }) {
  const { webhooks: t, keys } = texts("settings");
  const copy = async () => {
    await navigator.clipboard.writeText(secret);
    toast(keys.copied());
  };
  return html`<${Dialog} title=${t.secretTitle()} onClose=${onClose}>
    <div class="stack-view">
      <${Notice} tone="warn">${t.secretText()}<//>
      <${Field} label=${t.secret()} isLabelHidden value=${secret} readonly class="control code" />
      <div class="button-row">
        <${Button} icon="copy" onClick=${copy}>${keys.copy()}<//>
        <${Button} kind="primary" onClick=${onClose}>${keys.done()}<//>
      </div>
    </div>
  <//>`;
}
