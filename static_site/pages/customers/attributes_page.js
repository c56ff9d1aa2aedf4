/** The attributes of customers, with their types: how files are read, and with what rules compare. */

import { attributes } from "../../api.js";
import { mutate, useResource } from "../../data/resource.js";
import { html, useState } from "../../html.js";
import { number } from "../../texts/format.js";
import { texts } from "../../texts.js";
import { Card, Empty, Loaded, PageHeader, runAction, toast } from "../../ui/basic.js";
import { Select } from "../../ui/fields.js";
import { ask } from "../../ui/overlays.js";
import { Table } from "../../ui/table.js";

const KEY = "/api/attributes";
const TYPES = /** @type {const} */ (["number", "text", "flag", "date", "list"]);

/** @typedef {Api.Attribute} Attribute */

export default function AttributesPage() {
  const { attributes: t, title } = texts("customers");
  const known = useResource(KEY, (signal) => attributes.list(signal));
  return html`<div class="view">
    <${PageHeader} title=${t.title()} lead=${t.lead()} back=${{ href: "/customers", label: title() }} />
    <${Card} label=${t.title()} isFlush>
      <${Loaded} resource=${known} rows=${5}>${(/** @type {{items: Attribute[]}} */ { items }) => html`<${List} items=${items} />`}<//>
    <//>
  </div>`;
}

/** @param {{items: Attribute[]}} props */
function List({ items }) {
  const { attributes: t } = texts("customers");
  if (!items.length) return html`<${Empty} icon="edit" title=${t.none()} text=${t.noneText()} />`;
  return html`<${Table}
    caption=${t.title()} columns=${columns()} rows=${items} rowKey=${(/** @type {Attribute} */ { name }) => name}
  />`;
}

/** @returns {import("../../ui/table.js").Column<Attribute>[]} */
function columns() {
  const { attributes: t } = texts("customers");
  return [
    { title: t.name(), size: 3, phone: "title", cell: ({ name }) => html`<bdi class="clamped">${name}</bdi>` },
    { title: t.people(), size: 2, phone: "end", isNumber: true, cell: ({ people }) => number(people) },
    { title: t.examples(), size: 5, cell: ({ examples }) => html`<bdi class="clamped">${quoted(examples)}</bdi>` },
    { title: t.type(), size: 3, phone: "line", cell: (row) => html`<${TypeChoice} attribute=${row} />` },
  ];
}

/** @param {string[]} examples */
const quoted = (examples) =>
  examples
    .slice(0, 3)
    .map((one) => `“${one}”`)
    .join(", ");

/**
 * The type. Another one is asked for first: the question says for how many people the values do not fit.
 *
 * @param {{attribute: Attribute}} props
 */
function TypeChoice({ attribute: { name, type, others, other_examples: odd } }) {
  const { attributes: t } = texts("customers");
  const [pending, setPending] = useState(/** @type {Api.AttributeType | null} */ (null));
  /** @param {Api.AttributeType} chosen */
  const change = async (chosen) => {
    const would = await attributes.choose(name, chosen, { isDryRun: true });
    if (!(await ask(questionAbout(would)))) return;
    await mutate(() => attributes.choose(name, chosen), KEY);
    toast(t.changed(name));
  };
  /** @param {Api.AttributeType} chosen */
  const choose = (chosen) => {
    setPending(chosen);
    return runAction(() => change(chosen)).finally(() => setPending(null));
  };
  const options = [...new Set([...TYPES, type])].map((value) => ({ value, label: t.types[value]() }));
  return html`<${Select} label=${t.typeOf(name)} isLabelHidden value=${pending ?? type} onChange=${choose} options=${options} />
    ${others > 0 && html`<small class="muted"><bdi>${t.others(others, quoted(odd))}</bdi></small>`}`;
}

/** @param {Attribute} would How the attribute would be. */
function questionAbout({ name, type, people, others, other_examples: odd }) {
  const { attributes: t } = texts("customers");
  const fits = others ? t.doNotFit(others, people, quoted(odd)) : t.allFit(people);
  return { title: t.question(name, t.types[type]()), text: `${fits} ${t.fromNowOn()}`, confirm: t.change() };
}
