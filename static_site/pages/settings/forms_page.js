/** The forms for other sites: what people are asked, how many have confirmed, and the HTML to copy. */

import { forms, topics, vendors } from "../../api.js";
import { useForm } from "../../data/form.js";
import { mutate, useResource } from "../../data/resource.js";
import { html, useState } from "../../html.js";
import { hasRole, maySend } from "../../session.js";
import { number } from "../../texts/format.js";
import { language, texts } from "../../texts.js";
import { Button, Card, Empty, Loaded, Notice, PageHeader, toast } from "../../ui/basic.js";
import { Checkbox, Field, FormEnd, Select } from "../../ui/fields.js";
import { ask, Dialog, Menu } from "../../ui/overlays.js";
import { Table } from "../../ui/table.js";
import { Sections } from "./sections.js";

const KEY = "/api/forms";

/** @typedef {"create" | {change: Api.Form} | {embed: Api.Form} | null} Open */
/** @typedef {{topics: Api.Topic[], vendors: Api.Vendor[]}} Choices */

/** @param {{me: Api.Me}} props */
export default function FormsPage({ me }) {
  const { forms: t } = texts("settings");
  const list = useResource(KEY, forms.list);
  const choices = useResource("forms choices", loadChoices);
  const [open, setOpen] = useState(/** @type {Open} */ (null));
  const close = () => setOpen(null);
  const create = html`<${Button} kind="primary" icon="plus" disabled=${!choices.data} onClick=${() => setOpen("create")}>${t.create()}<//>`;
  return html`<div class="view">
    <${PageHeader} title=${t.title()} lead=${t.lead()} actions=${maySend(me) && create} />
    ${hasRole(me, "admin") && html`<${Sections} current="forms" />`}
    <${Card} label=${t.title()} isFlush>
      <${Loaded} resource=${list} rows=${3}>${(/** @type {{items: Api.Form[]}} */ { items }) =>
        html`<${List} items=${items} open=${setOpen} mayChange=${maySend(me) && Boolean(choices.data)} />`}<//>
    <//>
    ${choices.data && open && html`<${OpenDialog} open=${open} choices=${choices.data} setOpen=${setOpen} onClose=${close} />`}
  </div>`;
}

/** @param {AbortSignal} signal @returns {Promise<Choices>} */
async function loadChoices(signal) {
  const [known, all] = await Promise.all([topics.list(signal), vendors.list(signal)]);
  const ofMail = all.items.filter(
    ({ available, channels }) => available && channels.some(({ name }) => name === "email"),
  );
  return { topics: known.items, vendors: ofMail };
}

/** @param {{open: NonNullable<Open>, choices: Choices, setOpen: (open: Open) => void, onClose: () => unknown}} props */
function OpenDialog({ open, choices, setOpen, onClose }) {
  if (open === "create") {
    const onSaved = (/** @type {Api.Form} */ form) => setOpen({ embed: form });
    return html`<${FormDialog} choices=${choices} onClose=${onClose} onSaved=${onSaved} />`;
  }
  if ("change" in open)
    return html`<${FormDialog} known=${open.change} choices=${choices} onClose=${onClose} onSaved=${onClose} />`;
  return html`<${Embed} known=${open.embed} onClose=${onClose} />`;
}

/** @param {{items: Api.Form[], open: (what: Open) => void, mayChange: boolean}} props */
function List({ items, open, mayChange }) {
  const { forms: t } = texts("settings");
  if (!items.length) return html`<${Empty} icon="send" title=${t.empty.title()} text=${t.empty.text()} />`;
  /** @type {import("../../ui/table.js").Column<Api.Form>[]} */
  const columns = [
    { title: t.name(), phone: "title", cell: ({ name }) => html`<bdi class="clamped">${name}</bdi>` },
    {
      title: t.origins(),
      phone: "line",
      cell: ({ allowed_origins: origins }) => html`<bdi class="clamped">${origins.join(", ")}</bdi>`,
    },
    { title: t.asked(), isNumber: true, cell: ({ asked }) => number(asked) },
    {
      title: t.confirmed(),
      isNumber: true,
      phone: "end",
      cell: ({ asked, confirmed }) =>
        html`<span class="phone-only">${t.askedBefore(number(asked))} </span>${number(confirmed)}`,
    },
    {
      title: texts().actions.more(),
      isTitleHidden: true,
      phone: "aside",
      cell: (form) => html`<${Actions} known=${form} open=${open} mayChange=${mayChange} />`,
    },
  ];
  return html`<${Table} caption=${t.title()} columns=${columns} rows=${items} rowKey=${(/** @type {Api.Form} */ { id }) => id} />`;
}

/** @param {{known: Api.Form, open: (what: Open) => void, mayChange: boolean}} props */
function Actions({ known, open, mayChange }) {
  const { forms: t } = texts("settings");
  const { id, name } = known;
  const remove = async () => {
    const question = { title: t.removeTitle(name), text: t.removeText(), confirm: t.remove(), isDanger: true };
    if (!(await ask(question))) return;
    await mutate(() => forms.remove(id), KEY);
    toast(t.removed(name));
  };
  const items = [
    { label: t.embed(), onSelect: () => open({ embed: known }) },
    ...(mayChange
      ? [
          { label: t.change(), onSelect: () => open({ change: known }) },
          { label: t.remove(), onSelect: remove, isDanger: true },
        ]
      : []),
  ];
  return html`<${Menu} label=${t.actions(name)} items=${items} />`;
}

/**
 * The values of a form as the dialog has them: topics as boxes, origins as lines.
 *
 * @param {Api.Form | undefined} known
 * @param {Choices} choices
 */
function initialValues(known, choices) {
  const { forms: t } = texts("settings");
  return {
    name: known?.name ?? "",
    topics: Object.fromEntries(choices.topics.map(({ name }) => [name, known?.topics.includes(name) ?? false])),
    thank_you: known?.thank_you ?? t.defaults.thankYou(),
    redirect_url: known?.redirect_url ?? "",
    allowed_origins: known?.allowed_origins.join("\n") ?? "",
    accepts_hidden_sites: known?.accepts_hidden_sites ?? false,
    vendor: known?.vendor ?? (choices.vendors.find((one) => one.sends_real_messages) ?? choices.vendors[0])?.name ?? "",
    confirmation: known?.confirmation ?? {
      subject: t.defaults.subject(),
      body: t.defaults.body(),
      button: t.defaults.button(),
    },
  };
}

/**
 * Asks for everything about a new form, or one that is changed.
 *
 * @param {{
 *   known?: Api.Form, choices: Choices, onClose: () => unknown, onSaved: (form: Api.Form) => unknown,
 * }} props
 */
function FormDialog({ known, choices, onClose, onSaved }) {
  const { forms: t } = texts("settings");
  const form = useForm({
    initial: initialValues(known, choices),
    save: (values) => {
      const body = {
        ...values,
        topics: choices.topics.map(({ name }) => name).filter((name) => values.topics[name]),
        redirect_url: values.redirect_url.trim() || null,
        allowed_origins: values.allowed_origins.split(/\s+/).filter(Boolean),
      };
      return mutate(() => (known ? forms.replace(known.id, body) : forms.create(body)), KEY);
    },
    onSaved,
  });
  const sender = choices.vendors.find(({ name }) => name === form.values.vendor);
  return html`<${Dialog} title=${known ? t.changeTitle(known.name) : t.createTitle()} onClose=${onClose}>
    <form class="stack-view" ...${form.props}>
      <${Field} label=${t.name()} hint=${t.nameHint()} maxlength="100" ...${form.bind("name")} />
      <${Field} label=${t.origins()} hint=${t.originsHint()} isMultiline rows="2" ...${form.bind("allowed_origins")} />
      <${Checkbox} label=${t.hiddenSites()} hint=${t.hiddenSitesHint()} ...${form.bind("accepts_hidden_sites")} />
      ${
        choices.topics.length > 0 &&
        html`<fieldset class="form-field">
        <legend class="form-label">${t.topics()}</legend>
        <p class="form-hint">${t.topicsHint()}</p>
        ${choices.topics.map(({ name, labels }) => html`<${Checkbox} key=${name} label=${labels[language()]} ...${form.bind(`topics.${name}`)} />`)}
      </fieldset>`
      }
      <${Field} label=${t.thankYou()} isMultiline rows="2" maxlength="500" ...${form.bind("thank_you")} />
      <${Field} label=${t.redirect()} hint=${t.redirectHint()} type="url" ...${form.bind("redirect_url")} />
      <${Field} label=${t.subject()} maxlength="200" ...${form.bind("confirmation.subject")} />
      <${Field} label=${t.body()} hint=${t.bodyHint()} isMultiline maxlength="5000" ...${form.bind("confirmation.body")} />
      <${Field} label=${t.button()} maxlength="60" ...${form.bind("confirmation.button")} />
      <${Select} label=${t.vendor()} options=${choices.vendors.map(({ name, label }) => ({ value: name, label }))} ...${form.bind("vendor")} />
      ${sender && !sender.sends_real_messages && html`<${Notice} tone="warn">${t.simulator()}<//>`}
      <${FormEnd} form=${form} submit=${known ? t.save() : t.create()} onCancel=${onClose} />
    </form>
  <//>`;
}

/**
 * The HTML for another site. It needs no script; robots fill in the field that people do not see.
 *
 * @param {string} origin
 * @param {string} id
 */
export function embedHtml(origin, id) {
  const { embedded: t } = texts("settings").forms;
  return `<form action="${origin}/api/forms/${id}" method="post" accept-charset="utf-8">
  <label>${t.email()} <input type="email" name="email" required maxlength="254" autocomplete="email"></label>
  <label>${t.name()} <input name="name" maxlength="100" autocomplete="name"></label>
  <div style="position: absolute; left: -9999px" aria-hidden="true">
    <label>${t.empty()} <input name="website" tabindex="-1" autocomplete="off"></label>
  </div>
  <button>${t.button()}</button>
</form>`;
}

/** @param {{known: Api.Form, onClose: () => unknown}} props */
function Embed({ known, onClose }) {
  const { forms: t, keys } = texts("settings");
  const code = embedHtml(location.origin, known.id);
  const copy = async () => {
    await navigator.clipboard.writeText(code);
    toast(keys.copied());
  };
  return html`<${Dialog} title=${t.embedTitle(known.name)} isWide onClose=${onClose}>
    <div class="stack-view">
      <p class="muted">${t.embedText()}</p>
      <${Field} label=${t.embedLabel()} isLabelHidden isMultiline rows="9" value=${code} readonly class="control code" />
      <div class="button-row">
        <${Button} icon="copy" onClick=${copy}>${keys.copy()}<//>
        <${Button} kind="primary" onClick=${onClose}>${keys.done()}<//>
      </div>
    </div>
  <//>`;
}
