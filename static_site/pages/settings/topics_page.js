/** The topics that people can agree to, or leave. Only an admin opens it. */

import { topics } from "../../api.js";
import { useForm } from "../../data/form.js";
import { mutate, useResource } from "../../data/resource.js";
import { html, useState } from "../../html.js";
import { texts } from "../../texts.js";
import { Button, Card, Empty, Loaded, PageHeader, toast } from "../../ui/basic.js";
import { Field, FormEnd } from "../../ui/fields.js";
import { ask, Dialog, Menu } from "../../ui/overlays.js";
import { Table } from "../../ui/table.js";
import { Sections } from "./sections.js";

const KEY = "/api/topics";
const NEW = { name: "", labels: { en: "", hi: "" } };

export default function TopicsPage() {
  const { topics: t } = texts("settings");
  const list = useResource(KEY, topics.list);
  const [place, setPlace] = useState(/** @type {number | null} */ (null));
  const items = list.data?.items;
  const create = () => setPlace(items?.length ?? 0);
  const actions = html`<${Button} kind="primary" icon="plus" disabled=${!items} onClick=${create}>${t.create()}<//>`;
  return html`<div class="view">
    <${PageHeader} title=${t.title()} lead=${t.lead()} actions=${actions} />
    <${Sections} current="topics" />
    <${Card} label=${t.title()} isFlush>
      <${Loaded} resource=${list} rows=${3}>${(/** @type {{items: Api.Topic[]}} */ data) => html`<${List} items=${data.items} onChange=${setPlace} />`}<//>
    <//>
    ${items && place !== null && html`<${TopicDialog} items=${items} place=${place} onClose=${() => setPlace(null)} />`}
  </div>`;
}

/** @param {{items: Api.Topic[], onChange: (place: number) => unknown}} props */
function List({ items, onChange }) {
  const { topics: t } = texts("settings");
  if (!items.length) return html`<${Empty} icon="send" title=${t.empty.title()} text=${t.empty.text()} />`;
  /** @type {import("../../ui/table.js").Column<Api.Topic>[]} */
  const columns = [
    { title: t.english(), phone: "title", cell: ({ labels }) => html`<bdi class="clamped">${labels.en}</bdi>` },
    { title: t.hindi(), phone: "line", cell: ({ labels }) => html`<bdi class="clamped">${labels.hi}</bdi>` },
    { title: t.name(), phone: "end", cell: ({ name }) => html`<code>${name}</code>` },
    {
      title: texts().actions.more(),
      isTitleHidden: true,
      phone: "aside",
      cell: (topic) => html`<${Actions} items=${items} topic=${topic} onChange=${onChange} />`,
    },
  ];
  return html`<${Table} caption=${t.title()} columns=${columns} rows=${items} rowKey=${(/** @type {Api.Topic} */ { name }) => name} />`;
}

/** @param {{items: Api.Topic[], topic: Api.Topic, onChange: (place: number) => unknown}} props */
function Actions({ items, topic, onChange }) {
  const { topics: t } = texts("settings");
  const label = topic.labels.en;
  const remove = async () => {
    const question = { title: t.removeTitle(label), text: t.removeText(), confirm: t.remove(), isDanger: true };
    if (!(await ask(question))) return;
    await mutate(() => topics.replace(items.filter(({ name }) => name !== topic.name)), KEY);
    toast(t.removed(label));
  };
  const menu = [
    { label: t.change(), onSelect: () => onChange(items.indexOf(topic)) },
    { label: t.remove(), onSelect: remove, isDanger: true },
  ];
  return html`<${Menu} label=${t.actions(label)} items=${menu} />`;
}

/**
 * Changes the topic at a place, or adds one at the end. The name of a topic stays: consents are kept under it.
 *
 * @param {{items: Api.Topic[], place: number, onClose: () => unknown}} props
 */
function TopicDialog({ items, place, onClose }) {
  const { topics: t } = texts("settings");
  const isNew = place === items.length;
  const form = useForm({
    initial: { items: isNew ? [...items, NEW] : items },
    save: (values) => mutate(() => topics.replace(values.items), KEY),
    onSaved: () => {
      toast(t.saved());
      onClose();
    },
  });
  const bind = (/** @type {string} */ path) => form.bind(`items.${place}.${path}`);
  return html`<${Dialog} title=${isNew ? t.createTitle() : t.changeTitle()} onClose=${onClose}>
    <form class="stack-view" ...${form.props}>
      <${Field} label=${t.english()} hint=${t.labelHint()} maxlength="60" ...${bind("labels.en")} />
      <${Field} label=${t.hindi()} maxlength="60" lang="hi" ...${bind("labels.hi")} />
      <${Field} label=${t.name()} hint=${isNew ? t.nameHint() : t.nameStays()} maxlength="30" disabled=${!isNew} ...${bind("name")} />
      <${FormEnd} form=${form} submit=${isNew ? t.create() : t.save()} onCancel=${onClose} />
    </form>
  <//>`;
}
