/** Finds any customer, and shows why they got the campaign's message or did not. */

import { customers } from "../../api.js";
import { html, useState } from "../../html.js";
import { texts } from "../../texts.js";
import { Button, Card } from "../../ui/basic.js";
import { Field } from "../../ui/fields.js";
import { PersonSheet } from "./person_sheet.js";

const MAX_CHOICES = 10;
const ID = /^[0-9a-f]{32}$/;

/** @param {{campaign: Api.Campaign}} props */
export function LookUpCard({ campaign }) {
  const { lookUp: t } = texts("campaign");
  const [text, setText] = useState("");
  const [found, setFound] = useState(/** @type {Api.Page<Api.Customer> | null} */ (null));
  const [opened, setOpened] = useState(/** @type {string | null} */ (null));
  const search = async () => {
    const wanted = text.trim();
    if (!wanted) return;
    if (ID.test(wanted)) return setOpened(wanted);
    const page = await customers.list({ search: wanted, limit: MAX_CHOICES });
    setFound(page);
    if (page.items.length === 1) setOpened(page.items[0].id);
  };
  /** @param {SubmitEvent} event */
  const onSubmit = (event) => event.preventDefault();
  return html`<${Card} title=${t.title()}>
    <p class="muted">${t.hint()}</p>
    <form class="look-up" onSubmit=${onSubmit}>
      <${Field} label=${t.field()} type="search" value=${text} onChange=${setText} />
      <${Button} type="submit" icon="search" onClick=${search}>${t.submit()}<//>
    </form>
    ${found && html`<${Found} page=${found} onOpen=${setOpened} />`}
    ${opened && html`<${PersonSheet} campaign=${campaign} customer=${opened} onClose=${() => setOpened(null)} />`}
  <//>`;
}

/** @param {{page: Api.Page<Api.Customer>, onOpen: (id: string) => unknown}} props */
function Found({ page: { items, next }, onOpen }) {
  const { lookUp: t } = texts("campaign");
  const { noName } = texts().person;
  return html`
    <p role="status">${items.length ? t.found(items.length) : t.none()}${next ? ` ${t.more()}` : ""}</p>
    <ul class="found-list">${items.map(
      ({ id, name, email, phone }) => html`<li key=${id}>
        <${Button} kind="quiet" onClick=${() => onOpen(id)}><bdi>${[name || noName(), email ?? phone].filter(Boolean).join(" · ")}</bdi><//>
      </li>`,
    )}</ul>`;
}
