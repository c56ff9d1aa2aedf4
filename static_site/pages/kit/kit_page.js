/** Every piece of the kit in every state. Only the local stack has this page. */

import { html, useState } from "../../html.js";
import { money } from "../../texts/format.js";
import { texts } from "../../texts.js";
import {
  Badge,
  Button,
  Card,
  Empty,
  Failure,
  Icon,
  Notice,
  PageHeader,
  Person,
  Skeleton,
  Time,
  toast,
} from "../../ui/basic.js";
import { Checkbox, Choice, Field, FormEnd, SearchField, Select } from "../../ui/fields.js";
import { Sparkline, StackedBar, Stat, StatStrip } from "../../ui/figures.js";
import { ask, Dialog, Menu, Sheet } from "../../ui/overlays.js";
import { Table, Tabs } from "../../ui/table.js";

const t = () => texts("kit");

export default function KitPage() {
  const { title, lead, back, tag, button, primary } = t();
  return html`<div class="view">
    <${PageHeader}
      title=${title()} lead=${lead()} back=${{ href: "/", label: back() }} badge=${html`<${Badge}>${tag()}<//>`}
      actions=${html`<${Button}>${button()}<//><${Button} kind="primary" icon="plus">${primary()}<//>`}
    />
    <${Buttons} /><${States} /><${Fields} /><${Rows} /><${Overlays} /><${Figures} /><${Notices} />
  </div>`;
}

function Buttons() {
  const { buttons, button, primary, quiet, danger, dangerPrimary, busy, disabled, small, link } = t();
  return html`<${Card} title=${buttons()}>
    <div class="button-row">
      <${Button}>${button()}<//>
      <${Button} kind="primary" icon="plus">${primary()}<//>
      <${Button} kind="quiet">${quiet()}<//>
      <${Button} kind="danger">${danger()}<//>
      <${Button} kind="danger primary" icon="trash">${dangerPrimary()}<//>
      <${Button} isBusy>${busy()}<//>
      <${Button} disabled>${disabled()}<//>
      <${Button} isSmall>${small()}<//>
      <${Button} icon="download" label=${link()} />
      <${Button} href="/kit" icon="external">${link()}<//>
    </div>
  <//>`;
}

const LONG_AGO = "2026-01-02T10:00:00Z";

function States() {
  const { states, tag, longName, detail } = t();
  const all = /** @type {(keyof Ui.Texts["common"]["states"])[]} */ (Object.keys(texts().states));
  return html`<${Card} title=${states()}>
    <div class="button-row">
      ${all.map((state) => html`<${Badge} key=${state} state=${state} />`)}<${Badge}>${tag()}<//>
    </div>
    <div class="button-row">
      <${Person} name=${longName()} detail=${detail()} /><${Person} name=${null} /><${Person} name="\u202Eoar ahsA" />
      <${Time} at=${LONG_AGO} /><${Time} at=${LONG_AGO} isExact /><${Time} at=${null} /><${Icon} name="bars" />
    </div>
  <//>`;
}

function Fields() {
  const k = t();
  const [text, setText] = useState("");
  const [city, setCity] = useState("pune");
  const [writer, setWriter] = useState("gemini");
  const [isAgreed, setIsAgreed] = useState(true);
  return html`<${Card} title=${k.fields()}>
    <div class="form-grid">
      <${Field} label=${k.name()} hint=${k.hint()} value=${text} onChange=${setText} />
      <${Field} label=${k.wrong()} errors=${[k.problem()]} />
      <${Field} label=${k.disabled()} disabled value=${k.pune()} />
      <${Field} label=${k.rate()} unit=${k.unit()} inputmode="numeric" value="60" />
      <${Select}
        label=${k.city()} value=${city} onChange=${setCity}
        options=${[{ value: "pune", label: k.pune() }, { value: "mumbai", label: k.mumbai() }]}
      />
      <${SearchField} label=${k.search()} value="" onChange=${() => {}} />
    </div>
    <${Field} label=${k.body()} isMultiline />
    <${Choice}
      label=${k.writer()} value=${writer} onChange=${setWriter}
      options=${[
        { value: "gemini", label: k.gemini(), hint: k.geminiHint() },
        { value: "template", label: k.template(), hint: k.templateHint() },
      ]}
    />
    <${Checkbox} label=${k.agree()} hint=${k.agreeHint()} value=${isAgreed} onChange=${setIsAgreed} />
    <${FormEnd} form=${{ errors: { "": [k.bad()] }, isSaving: false }} submit=${k.save()} onCancel=${() => {}} />
  <//>`;
}

const PEOPLE = [
  { id: "1", name: "Asha Rao", spend: 12500.5, at: LONG_AGO },
  { id: "2", name: "आशा राव", spend: 0, at: null },
  { id: "3", name: "W".repeat(90), spend: 1234567, at: LONG_AGO },
];

function Rows() {
  const k = t();
  const [sort, setSort] = useState("-spend");
  const [tab, setTab] = useState("first");
  /** @typedef {typeof PEOPLE[number]} Row */
  /** @type {import("../../ui/table.js").Column<Row>[]} */
  const columns = [
    { title: k.name(), phone: "title", sort: "name", cell: ({ name }) => html`<${Person} name=${name} />` },
    {
      title: k.spend(),
      phone: "aside",
      isNumber: true,
      sort: "spend",
      first: "-",
      cell: ({ spend }) => money(spend, "INR"),
    },
    { title: k.seen(), phone: "line", cell: ({ at }) => html`<${Time} at=${at} />` },
  ];
  return html`<div class="stack-view">
    <${Tabs}
      label=${k.tabs()} value=${tab} onChange=${setTab}
      items=${[{ value: "first", label: k.first(), count: "12" }, { value: "second", label: k.second() }]}
    />
    <${Card} title=${k.table()} isFlush>
      <${Table}
        caption=${k.people()} columns=${columns} rows=${PEOPLE} sort=${sort} onSort=${setSort}
        rowKey=${(/** @type {Row} */ { id }) => id} href=${(/** @type {Row} */ { id }) => `/kit#row=${id}`}
      />
    <//>
  </div>`;
}

function Overlays() {
  const k = t();
  const [open, setOpen] = useState("");
  const close = () => setOpen("");
  const question = { title: k.question(), text: k.questionText(), confirm: k.remove(), isDanger: true };
  const items = [
    { label: k.copy(), icon: "copy", onSelect: () => toast(k.done()) },
    { label: k.one(), isChecked: true, onSelect: () => {} },
    "-",
    { label: k.remove(), icon: "trash", isDanger: true, onSelect: () => ask(question) },
  ];
  return html`<${Card} title=${k.overlays()}>
    <div class="button-row">
      <${Button} onClick=${() => setOpen("dialog")}>${k.openDialog()}<//>
      <${Button} onClick=${() => setOpen("sheet")}>${k.openSheet()}<//>
      <${Button} onClick=${() => void ask(question)}>${k.openQuestion()}<//>
      <${Button} onClick=${() => toast(k.done(), { undo: () => {} })}>${k.openToast()}<//>
      <${Button} onClick=${() => toast(k.failed(), { kind: "error" })}>${k.openError()}<//>
      <${Menu} label=${k.menu()} items=${items} />
    </div>
    ${open === "dialog" && html`<${Dialog} title=${k.openDialog()} onClose=${close} actions=${html`<${Button} onClick=${close}>${k.save()}<//>`}><p>${k.emptyText()}</p><//>`}
    ${open === "sheet" && html`<${Sheet} title=${k.openSheet()} onClose=${close}><p>${k.emptyText()}</p><//>`}
  <//>`;
}

function Figures() {
  const k = t();
  const { states } = texts();
  const parts = [
    { key: "sent", label: states.sent(), value: 1080 },
    { key: "failed", label: states.failed(), value: 121 },
    { key: "skipped", label: states.skipped(), value: 40 },
    { key: "unknown", label: states.unknown(), value: 12 },
    { key: "pending", label: states.pending(), value: 300 },
  ];
  return html`<div class="stack-view">
    <${StatStrip} label=${k.figures()}>
      <${Stat} label=${states.sent()} value="1,080" />
      <${Stat} label=${k.delivered()} value="1,061" note=${k.ofSent()} tone="good" />
      <${Stat} label=${states.failed()} value="121" note=${k.ofSent()} tone="bad" />
      <${Stat} label=${k.opened()} value="402" note=${k.ofSent()} tone="warn" />
    <//>
    <${Card} title=${k.figures()}>
      <${StackedBar} label=${k.results()} parts=${parts} hasLegend />
      <${StackedBar} label=${k.results()} parts=${parts} />
      <${Sparkline} label=${k.perMinute()} values=${[2, 4, 3, 5, 8, 6, 9]} />
    <//>
  </div>`;
}

function Notices() {
  const k = t();
  return html`<${Card} title=${k.notices()}>
    <${Notice} title=${k.noticeTitle()}>${k.info()}<//>
    <${Notice} tone="good">${k.good()}<//>
    <${Notice} tone="warn" action=${html`<${Button} isSmall>${k.button()}<//>`}>${k.warn()}<//>
    <${Failure} error=${new Error(k.bad())} retry=${() => {}} />
    <${Empty} icon="segment" title=${k.emptyTitle()} text=${k.emptyText()}><${Button} kind="primary">${k.emptyAction()}<//><//>
    <${Skeleton} rows=${3} />
  <//>`;
}
