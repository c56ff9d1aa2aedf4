/** The addresses that get no message. */

import { ApiError, suppressions } from "../../api.js";
import { download } from "../../data/download.js";
import { useForm } from "../../data/form.js";
import { mutate, usePages } from "../../data/resource.js";
import { html, useState } from "../../html.js";
import { useQuery } from "../../router.js";
import { hasRole, mayWrite } from "../../session.js";
import { texts } from "../../texts.js";
import { Button, Card, Empty, Failure, PageHeader, Skeleton, Time, toast } from "../../ui/basic.js";
import { Choice, Field, FormEnd, SearchField } from "../../ui/fields.js";
import { Dialog } from "../../ui/overlays.js";
import { LoadMore, Table } from "../../ui/table.js";
import { lift } from "./lift.js";
import { reasonText } from "./reason.js";

const KEY = "/api/suppressions";

/** @typedef {import("../../data/resource.js").Pages<Api.Suppression>} Entries */

/** @param {{me: Api.Me}} props */
export default function SuppressionsPage({ me }) {
  const t = texts("people").suppressions;
  const [{ search }, setQuery] = useQuery({ search: "" });
  const [isAdding, setIsAdding] = useState(false);
  const find = (/** @type {string} */ text) => setQuery({ search: text });
  const pages = usePages(`${KEY}?${search}`, (page, signal) => suppressions.list({ ...page, search }, signal));
  const actions = mayWrite(me) && html`<${Actions} onAdd=${() => setIsAdding(true)} />`;
  return html`<div class="view">
    <${PageHeader} title=${t.title()} lead=${t.lead()} back=${{ href: "/customers", label: t.back() }} actions=${actions} />
    <div class="stack-view">
      <div class="filter-bar">
        <${SearchField} label=${t.search()} placeholder=${t.searchHint()} value=${search} onChange=${find} />
        <span class="filter-end" role="status">${pages.items && t.shown(pages.items.length, pages.hasMore)}</span>
      </div>
      <${Card} label=${t.title()} isFlush><${List} ...${{ me, search, find, pages }} /><//>
    </div>
    ${isAdding && html`<${AddForm} onClose=${() => setIsAdding(false)} />`}
  </div>`;
}

/** @param {{onAdd: () => unknown}} props */
function Actions({ onAdd }) {
  const t = texts("people").suppressions;
  const save = async () => download("suppressions.csv", await suppressions.csv(), "text/csv");
  return html`
    <${Button} icon="download" onClick=${save}>${t.csv()}<//>
    <${Button} kind="primary" icon="plus" onClick=${onAdd}>${t.add()}<//>`;
}

/** @param {{me: Api.Me, search: string, find: (text: string) => unknown, pages: Entries}} props */
function List({ me, search, find, pages }) {
  const t = texts("people").suppressions;
  if (pages.error) return html`<${Failure} error=${pages.error} retry=${pages.reload} />`;
  if (!pages.items) return html`<${Skeleton} rows=${5} />`;
  if (!(pages.items.length || search))
    return html`<${Empty} icon="ban" title=${t.empty.title()} text=${t.empty.text()} />`;
  if (!pages.items.length) {
    return html`<${Empty} icon="search" title=${t.noMatch()}>
      <${Button} onClick=${() => find("")}>${t.showAll()}<//>
    <//>`;
  }
  return html`<${Table}
    caption=${t.title()} columns=${columns(me)} rows=${pages.items} isOld=${pages.isOld}
    rowKey=${(/** @type {Api.Suppression} */ { id }) => id}
  /><${LoadMore} pages=${pages} />`;
}

/**
 * @param {Api.Me} me
 * @returns {import("../../ui/table.js").Column<Api.Suppression>[]}
 */
function columns(me) {
  const { columns: names, kinds, unreadable } = texts("people").suppressions;
  /** @type {import("../../ui/table.js").Column<Api.Suppression>[]} */
  const shown = [
    {
      title: names.address(),
      phone: "title",
      cell: ({ address }) => html`<bdi class="clamped">${address ?? unreadable()}</bdi>`,
    },
    { title: names.kind(), cell: ({ kind }) => kinds[kind]?.() ?? kind },
    {
      title: names.reason(),
      phone: "line",
      cell: ({ reason }) => html`<bdi class="clamped">${reasonText(reason)}</bdi>`,
    },
    { title: names.by(), cell: ({ by }) => html`<bdi class="clamped">${by}</bdi>` },
    { title: names.at(), phone: "end", cell: ({ at }) => html`<${Time} at=${at} />` },
  ];
  const end = {
    title: texts().actions.more(),
    isTitleHidden: true,
    phone: /** @type {const} */ ("aside"),
    cell: liftButton,
  };
  return hasRole(me, "admin") ? [...shown, end] : shown;
}

/** @param {Api.Suppression} entry */
function liftButton({ kind, address, reason }) {
  const t = texts("people").suppressions;
  if (!address) return null;
  return html`<${Button} isSmall kind="quiet" aria-label=${t.liftOf(address)} onClick=${() => lift({ kind, address, reason })}>${t.lift()}<//>`;
}

/** @param {{onClose: () => unknown}} props */
function AddForm({ onClose }) {
  const t = texts("people").suppressions;
  const form = useForm({
    initial: { kind: "email", address: "", reason: "" },
    save: (values) => mutate(() => add(values), KEY, "/api/customers"),
    onSaved: (_, { address }) => {
      toast(t.form.done(address.trim()));
      onClose();
    },
  });
  const options = ["email", "phone"].map((value) => ({ value, label: t.kinds[value]() }));
  return html`<${Dialog} title=${t.add()} onClose=${onClose}>
    <form class="stack-view" ...${form.props}>
      <p>${t.form.text()}</p>
      <${Choice} label=${t.form.kind()} options=${options} ...${form.bind("kind")} />
      <${Field} label=${t.form.address()} ...${form.bind("address")} />
      <${Field} label=${t.form.reason()} hint=${t.form.reasonHint()} ...${form.bind("reason")} />
      <${FormEnd} form=${form} submit=${t.add()} onCancel=${onClose} />
    </form>
  <//>`;
}

/**
 * Adds one address. What the server says about it is shown at the form's one address field.
 *
 * @param {Record<string, string>} values
 */
async function add({ kind, address, reason }) {
  const entry = { [kind]: address.trim(), ...(reason.trim() && { reason: reason.trim() }) };
  const { rejected } = await suppressions.add(entry).catch((error) => {
    throw error instanceof ApiError ? atAddress(error.status, error.fields, error) : error;
  });
  if (rejected.length) throw atAddress(422, rejected[0].errors);
}

/**
 * @param {number} status
 * @param {Api.FieldError[]} errors
 * @param {ApiError} [original]
 */
function atAddress(status, errors, original) {
  if (original && !errors.length) return original;
  return new ApiError({ status, errors: errors.map((error) => ({ ...error, field: "address" })) });
}
