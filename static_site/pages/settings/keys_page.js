/** The API keys of programs. Only an admin opens it. */

import { keys } from "../../api.js";
import { useForm } from "../../data/form.js";
import { mutate, useResource } from "../../data/resource.js";
import { html, useState } from "../../html.js";
import { texts } from "../../texts.js";
import { Badge, Button, Card, Empty, Loaded, Notice, PageHeader, Time, toast } from "../../ui/basic.js";
import { Choice, Field, FormEnd, Select } from "../../ui/fields.js";
import { ask, Dialog, Menu } from "../../ui/overlays.js";
import { Table } from "../../ui/table.js";
import { roleOptions, Sections } from "./sections.js";

const KEY = "/api/keys";
const EXPIRY_DAYS = ["30", "90", "365"];

export default function KeysPage() {
  const { keys: t } = texts("settings");
  const list = useResource(KEY, keys.list);
  const [isCreating, setIsCreating] = useState(false);
  const create = () => setIsCreating(true);
  const actions = html`<${Button} kind="primary" icon="plus" onClick=${create}>${t.create()}<//>`;
  return html`<div class="view">
    <${PageHeader} title=${t.title()} lead=${t.lead()} actions=${actions} />
    <${Sections} current="keys" />
    <${Card} label=${t.title()} isFlush>
      <${Loaded} resource=${list} rows=${3}>${(/** @type {{items: Api.Key[]}} */ { items }) => html`<${List} items=${items} />`}<//>
    <//>
    ${isCreating && html`<${KeyDialog} onClose=${() => setIsCreating(false)} />`}
  </div>`;
}

/** @param {{items: Api.Key[]}} props */
function List({ items }) {
  const { keys: t } = texts("settings");
  if (!items.length) return html`<${Empty} icon="key" title=${t.empty.title()} text=${t.empty.text()} />`;
  return html`<${Table} caption=${t.title()} columns=${columns()} rows=${items} rowKey=${(/** @type {Api.Key} */ { id }) => id} />`;
}

/** @returns {import("../../ui/table.js").Column<Api.Key>[]} */
function columns() {
  const { keys: t } = texts("settings");
  const { roles } = texts().account;
  return [
    { title: t.columns.name(), phone: "title", cell: ({ name }) => html`<bdi class="clamped">${name}</bdi>` },
    { title: t.columns.role(), phone: "line", cell: ({ role }) => roles[role]() },
    { title: t.columns.by(), cell: ({ by }) => html`<bdi class="clamped">${by}</bdi>` },
    { title: t.columns.at(), cell: ({ created_at: at }) => html`<${Time} at=${at} />` },
    {
      title: t.columns.used(),
      phone: "end",
      cell: ({ last_used_at: at }) =>
        at ? html`<span class="phone-only">${t.columns.used()}: </span><${Time} at=${at} />` : t.neverUsed(),
    },
    { title: t.columns.expires(), cell: ({ expires_at: at }) => html`<${Expiry} at=${at} />` },
    {
      title: texts().actions.more(),
      isTitleHidden: true,
      phone: "aside",
      cell: (key) => html`<${Actions} apiKey=${key} />`,
    },
  ];
}

/** @param {{at: string | null}} props */
function Expiry({ at }) {
  const { keys: t } = texts("settings");
  if (!at) return html`<span>${t.never()}</span>`;
  return new Date(at) <= new Date()
    ? html`<${Badge} tone="warn">${t.hasExpired()}<//>`
    : html`<${Time} at=${at} isExact />`;
}

/** How long a new key works. */
function expiryOptions() {
  const { expiryChoices: t } = texts("settings").keys;
  return [{ value: "", label: t.never() }, ...EXPIRY_DAYS.map((value) => ({ value, label: t.days(value) }))];
}

/** @param {{apiKey: Api.Key}} props */
function Actions({ apiKey: { id, name } }) {
  const { keys: t } = texts("settings");
  const remove = async () => {
    const question = { title: t.removeTitle(name), text: t.removeText(), confirm: t.remove(), isDanger: true };
    if (!(await ask(question))) return;
    await mutate(() => keys.remove(id), KEY);
    toast(t.removed(name));
  };
  return html`<${Menu} label=${t.actions(name)} items=${[{ label: t.remove(), onSelect: remove, isDanger: true }]} />`;
}

/**
 * Asks for the name, the role and the expiry, then shows the key, once.
 *
 * @param {{onClose: () => unknown}} props
 */
function KeyDialog({ onClose }) {
  const { keys: t, members } = texts("settings");
  const [created, setCreated] = useState(/** @type {Api.NewKey | null} */ (null));
  const form = useForm({
    initial: { name: "", role: "manager", expires_in_days: "" },
    save: ({ expires_in_days: days, ...values }) =>
      mutate(() => keys.create({ ...values, expires_in_days: days ? Number(days) : null }), KEY),
    onSaved: setCreated,
  });
  if (created) return html`<${NewKey} secret=${created.key} onClose=${onClose} />`;
  return html`<${Dialog} title=${t.createTitle()} onClose=${onClose}>
    <form class="stack-view" ...${form.props}>
      <${Field} label=${t.name()} hint=${t.nameHint()} ...${form.bind("name")} />
      <${Choice} label=${members.role()} options=${roleOptions()} ...${form.bind("role")} />
      <${Select} label=${t.expiry()} options=${expiryOptions()} ...${form.bind("expires_in_days")} />
      <${FormEnd} form=${form} submit=${t.create()} onCancel=${onClose} />
    </form>
  <//>`;
}

/** @param {{secret: string, onClose: () => unknown}} props */
function NewKey({ secret, onClose }) {
  const { keys: t } = texts("settings");
  const copy = async () => {
    await navigator.clipboard.writeText(secret);
    toast(t.copied());
  };
  return html`<${Dialog} title=${t.shownTitle()} onClose=${onClose}>
    <div class="stack-view">
      <${Notice} tone="warn">${t.shownText()}<//>
      <${Field} label=${t.title()} isLabelHidden value=${secret} readonly class="control code" />
      <div class="button-row">
        <${Button} icon="copy" onClick=${copy}>${t.copy()}<//>
        <${Button} kind="primary" onClick=${onClose}>${t.done()}<//>
      </div>
    </div>
  <//>`;
}
