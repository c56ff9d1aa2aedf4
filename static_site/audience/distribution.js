/** How the values of a field are spread over the people of a rule. It is loaded when the reader opens it. */

import { segments } from "../api.js";
import { shape } from "../charts/distribution.js";
import { allFields } from "../data/fields.js";
import { useResource } from "../data/resource.js";
import { html, useState } from "../html.js";
import { money, number, share } from "../texts/format.js";
import { texts } from "../texts.js";
import { Loaded } from "../ui/basic.js";
import { Select } from "../ui/fields.js";

const BINS = 10;

/** @param {{preview: Api.Preview, me: Api.Me}} props */
export function Distribution({ preview, me }) {
  const t = texts("audience");
  const [isOpen, setIsOpen] = useState(false);
  const [field, setField] = useState("spend");
  const fields = allFields().filter(({ kind, operators }) => operators.length && kind !== "map");
  if (!(preview.count && fields.length)) return null;
  return html`<details class="fold" onToggle=${(/** @type {any} */ event) => setIsOpen(event.currentTarget.open)}>
    <summary>${t.distribution()}</summary>
    ${
      isOpen &&
      html`<div class="stack-view">
      <${Select}
        label=${t.field()} value=${field} options=${fields.map(({ name, label }) => ({ value: name, label }))}
        onChange=${setField}
      />
      <${Bars} rules=${preview.rules} field=${field} me=${me} />
    </div>`
    }
  </details>`;
}

/** @param {{rules: Api.RuleNode, field: string, me: Api.Me}} props */
function Bars({ rules, field, me }) {
  const t = texts("audience");
  const query = { rules, field, bins: BINS };
  const histogram = useResource(`histogram ${JSON.stringify(query)}`, (signal) => segments.histogram(query, signal), {
    keep: true,
  });
  const isMoney = allFields().find(({ name }) => name === field)?.kind === "money";
  return html`<${Loaded} resource=${histogram} rows=${4}>${(/** @type {Api.Histogram} */ data) => {
    const bars = shape(data, {
      others: t.otherValues(),
      format: isMoney ? (value) => money(value, me.currency) : number,
    });
    const top = Math.max(...bars.map(({ count }) => count), 1);
    return html`<div class="stack-view">
      <table class="bar-table">
        <caption class="visually-hidden">${t.distributionOf(data.count)}</caption>
        <tbody>${bars.map(
          ({ label, count }) => html`<tr key=${label}>
            <th scope="row">${label}</th>
            <td><span class="bar-track"><span class="bar-fill" style=${{ width: `${(100 * count) / top}%` }}></span></span></td>
            <td class="numeric">${number(count)}</td>
            <td class="numeric muted">${share(count, data.count)}</td>
          </tr>`,
        )}</tbody>
      </table>
      ${data.missing > 0 && html`<p class="form-hint">${t.withoutValue(data.missing)}</p>`}
    </div>`;
  }}<//>`;
}
