/** The rule language by example. Each example leads to the customers who match it now. */

import { useFields } from "../../data/use_fields.js";
import { html } from "../../html.js";
import { texts } from "../../texts.js";
import { Card, Loaded, PageHeader } from "../../ui/basic.js";
import { Table } from "../../ui/table.js";
import { EXAMPLES } from "./examples.js";

export default function HelpPage() {
  const t = texts("help");
  const fields = useFields();
  return html`<div class="view">
    <${PageHeader} title=${t.title()} />
    <div class="stack-view">
      <p class="muted help-lead">${t.lead()}</p>
      <div class="help-groups">
        ${groups().map(
          (group) => html`<${Card} key=${group} title=${t.groups[group]()}>
            <ul class="help-list">${EXAMPLES[group].map((example) => html`<${Example} key=${example.key} ...${{ example }} />`)}</ul>
          <//>`,
        )}
        <${Card} title=${t.more.title()}>
          <ul class="help-points">${t.more.points().map((point) => html`<li key=${point}>${point}</li>`)}</ul>
        <//>
      </div>
      <${Card} title=${t.fields.title()} isFlush>
        <p class="muted help-note">${t.fields.lead()}</p>
        <${Loaded} resource=${fields}>${(/** @type {Api.Field[]} */ items) => html`<${Fields} items=${items} />`}<//>
      <//>
    </div>
  </div>`;
}

const groups = () => /** @type {import("./examples.js").Group[]} */ (Object.keys(EXAMPLES));

/** @param {string} rule */
export const customersWith = (rule) => `/customers#${new URLSearchParams({ filter: rule })}`;

/** @param {{example: {key: keyof Ui.Texts["help"]["examples"], rule: string}}} props */
function Example({ example: { key, rule } }) {
  const t = texts("help");
  return html`<li>
    <a class="help-rule" href=${customersWith(rule)} aria-label=${t.see(rule)}><code>${rule}</code></a>
    <span>${t.examples[key]()}</span>
  </li>`;
}

/** @param {{items: Api.Field[]}} props */
function Fields({ items }) {
  const { fields: t } = texts("help");
  return html`<${Table}
    caption=${t.title()} rows=${items.filter(({ operators }) => operators.length > 0)}
    rowKey=${(/** @type {Api.Field} */ { name }) => name}
    columns=${[
      { title: t.name(), phone: "title", cell: (/** @type {Api.Field} */ { name }) => html`<code>${name}</code>` },
      { title: t.label(), phone: "line", cell: (/** @type {Api.Field} */ { label }) => label },
    ]}
  />`;
}
