/** The segments that a person is in now. */

import { segments } from "../../api.js";
import { useResource } from "../../data/resource.js";
import { html } from "../../html.js";
import { texts } from "../../texts.js";
import { Card, Loaded } from "../../ui/basic.js";

/** @param {{id: string}} props */
export function PersonSegments({ id }) {
  const { segments: t } = texts("people");
  const found = useResource(`/api/segments/of/${id}`, (signal) => segments.of(id, signal));
  return html`<${Card} title=${t.title()}>
    <${Loaded} resource=${found} rows=${1}>${(/** @type {{items: Named[]}} */ { items }) => html`<${List} items=${items} />`}<//>
  <//>`;
}

/** @typedef {{id: string, name: string}} Named */

/** @param {{items: Named[]}} props */
function List({ items }) {
  const { segments: t } = texts("people");
  if (!items.length) return html`<p class="muted">${t.none()}</p>`;
  return html`<ul class="chips">${items.map(
    ({ id, name }) => html`<li key=${id}><a class="tag" href=${`/segments/${id}`}><bdi>${name}</bdi></a></li>`,
  )}</ul>`;
}
