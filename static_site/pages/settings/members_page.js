/** The members: who may sign in. Only an admin opens it. */

import { members } from "../../api.js";
import { useForm } from "../../data/form.js";
import { mutate, useResource } from "../../data/resource.js";
import { html, useState } from "../../html.js";
import { texts } from "../../texts.js";
import { Badge, Button, Card, Loaded, PageHeader, Time, toast } from "../../ui/basic.js";
import { Checkbox, Choice, Field, FormEnd } from "../../ui/fields.js";
import { ask, Dialog, Menu } from "../../ui/overlays.js";
import { Table } from "../../ui/table.js";
import { roleOptions, Sections } from "./sections.js";

const KEY = "/api/members";
const NEW = { address: "", role: "manager", may_send: true };

export default function MembersPage() {
  const { members: t } = texts("settings");
  const list = useResource(KEY, members.list);
  const [edited, setEdited] = useState(/** @type {Api.Member | typeof NEW | null} */ (null));
  const actions = html`<${Button} kind="primary" icon="plus" onClick=${() => setEdited(NEW)}>${t.invite()}<//>`;
  return html`<div class="view">
    <${PageHeader} title=${t.title()} lead=${t.lead()} actions=${actions} />
    <${Sections} current="members" />
    <${Card} label=${t.title()} isFlush>
      <${Loaded} resource=${list} rows=${3}>${(/** @type {{items: Api.Member[]}} */ { items }) => html`<${Table}
        caption=${t.title()} columns=${columns(setEdited)} rows=${items} rowKey=${(/** @type {Api.Member} */ row) => row.address}
      />`}<//>
    <//>
    ${edited && html`<${MemberForm} key=${edited.address} member=${edited} onClose=${() => setEdited(null)} />`}
  </div>`;
}

/** @param {Api.Member | typeof NEW} member */
const nameOf = ({ address }) =>
  address.startsWith("@") ? texts("settings").members.everybodyAt(address.slice(1)) : address;

/**
 * @param {(member: Api.Member) => void} edit
 * @returns {import("../../ui/table.js").Column<Api.Member>[]}
 */
function columns(edit) {
  const { members: t } = texts("settings");
  const { roles } = texts().account;
  return [
    { title: t.columns.who(), phone: "title", cell: (member) => html`<bdi class="clamped">${nameOf(member)}</bdi>` },
    { title: t.columns.role(), phone: "line", cell: ({ role }) => roles[role]() },
    { title: t.columns.send(), cell: (member) => html`<${Sending} member=${member} />` },
    {
      title: t.columns.since(),
      cell: ({ created_at: at, is_first_admin: isFirst }) => (isFirst ? t.firstAdmin() : html`<${Time} at=${at} />`),
    },
    {
      title: texts().actions.more(),
      isTitleHidden: true,
      phone: "aside",
      cell: (member) => html`<${Actions} member=${member} edit=${edit} />`,
    },
  ];
}

/** @param {{member: Api.Member}} props */
function Sending({ member }) {
  const { members: t } = texts("settings");
  if (member.role === "viewer") return html`<span>${texts().nothing()}</span>`;
  return member.may_send ? t.maySend() : html`<${Badge} tone="warn">${t.mayNotSend()}<//>`;
}

/** @param {{member: Api.Member, edit: (member: Api.Member) => void}} props */
function Actions({ member, edit }) {
  const { members: t } = texts("settings");
  if (member.is_first_admin) return null;
  const who = nameOf(member);
  const remove = async () => {
    const question = { title: t.removeTitle(who), text: t.removeText(), confirm: t.remove(), isDanger: true };
    if (!(await ask(question))) return;
    await mutate(() => members.remove(member.address), KEY);
    toast(t.removed(who));
  };
  const items = [
    { label: t.change(), onSelect: () => edit(member) },
    { label: t.remove(), onSelect: remove, isDanger: true },
  ];
  return html`<${Menu} label=${t.actions(who)} items=${items} />`;
}

/** @param {{member: Api.Member | typeof NEW, onClose: () => unknown}} props */
function MemberForm({ member, onClose }) {
  const { members: t } = texts("settings");
  const isNew = !member.address;
  const form = useForm({
    initial: { address: member.address, role: member.role, may_send: member.may_send },
    save: ({ address, ...rights }) =>
      mutate(() => (isNew ? members.invite({ address, ...rights }) : members.change(member.address, rights)), KEY),
    onSaved: (_, { address }) => {
      const who = nameOf({ ...NEW, address });
      toast(isNew ? t.invited(who) : t.changed(who));
      onClose();
    },
  });
  const title = isNew ? t.inviteTitle() : t.changeTitle(member.address);
  return html`<${Dialog} title=${title} onClose=${onClose}>
    <form class="stack-view" ...${form.props}>
      ${isNew && html`<${Field} label=${t.address()} hint=${t.addressHint()} inputmode="email" ...${form.bind("address")} />`}
      <${Choice} label=${t.role()} options=${roleOptions()} ...${form.bind("role")} />
      ${form.values.role !== "viewer" && html`<${Checkbox} label=${t.sendLabel()} hint=${t.sendHint()} ...${form.bind("may_send")} />`}
      <${FormEnd} form=${form} submit=${isNew ? t.invite() : t.save()} onCancel=${onClose} />
    </form>
  <//>`;
}
