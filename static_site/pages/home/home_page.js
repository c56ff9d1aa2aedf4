/** Home: what happens now, what needs attention, the last campaigns and imports; and the first steps of a new deployment. */

import { campaigns, getOverview, outcomesIn } from "../../api.js";
import { mutate, useResource } from "../../data/resource.js";
import { html } from "../../html.js";
import { mayWrite } from "../../session.js";
import { dateTime, number, share } from "../../texts/format.js";
import { startErrorText, texts } from "../../texts.js";
import { Badge, Button, Card, Empty, Icon, Loaded, PageHeader, Time } from "../../ui/basic.js";
import { Sparkline, StackedBar, Stat, StatStrip } from "../../ui/figures.js";
import { Table } from "../../ui/table.js";
import { LastDays } from "./last_days.js";

const POLL_WHILE_ACTIVE = 3000;
const POLL = 30_000;

/** @param {{me: Api.Me}} props */
export default function HomePage({ me }) {
  const t = texts("home");
  const overview = useResource("/api/campaigns/overview", getOverview, { every: pollInterval });
  return html`<div class="view">
    <${PageHeader}
      title=${t.title()}
      actions=${
        mayWrite(me) &&
        html`<${Button} icon="edit" href="/campaigns/plan">${t.plan()}<//>
          <${Button} kind="primary" icon="plus" href="/campaigns/new">${t.create()}<//>`
      }
    />
    <${Loaded} resource=${overview} rows=${10}>${(/** @type {Api.Overview} */ data) => html`<${Content} overview=${data} me=${me} />`}<//>
  </div>`;
}

/** @param {Api.Overview | undefined} overview */
const pollInterval = (overview) =>
  overview?.active.some(({ state }) => state === "running") ? POLL_WHILE_ACTIVE : POLL;

/** @param {{overview: Api.Overview, me: Api.Me}} props */
function Content({ overview, me }) {
  const t = texts("home");
  const { first_steps: steps, attention, active, last, last_imports: imports, figures, last_days: lastDays } = overview;
  return html`<div class="stack-view">
    ${!steps.has_launched && html`<${FirstSteps} steps=${steps} me=${me} />`}
    ${attention.length > 0 && html`<${Attention} items=${attention} />`}
    ${hasFigures(steps) && html`<${Figures} figures=${figures} lastDays=${lastDays} me=${me} />`}
    ${
      steps.has_launched || active.length > 0
        ? html`<${Card} title=${t.now.title()} isFlush=${active.length > 0}>
            ${active.length ? html`<${CampaignTable} caption=${t.now.title()} campaigns=${active} columns=${columns(mayWrite(me))} />` : html`<p class="muted">${t.now.empty()}</p>`}
          <//>`
        : null
    }
    ${
      (steps.has_launched || last.length > 0) &&
      html`<${Card}
        title=${t.last.title()} isFlush=${last.length > 0}
        actions=${html`<${Button} isSmall kind="quiet" href="/campaigns">${t.last.all()}<//>`}
      >${last.length ? html`<${CampaignTable} caption=${t.last.title()} campaigns=${last} columns=${columns()} />` : html`<p class="muted">${t.last.empty()}</p>`}<//>`
    }
    <${LastImports} imports=${imports} />
  </div>`;
}

/** @param {Api.Overview["first_steps"]} steps */
const hasFigures = (steps) => steps.has_customers || steps.has_launched;

/** @param {{figures: Api.Overview["figures"], lastDays: Api.Overview["last_days"], me: Api.Me}} props */
function Figures({ figures: { customers, growth, campaigns: byState, last }, lastDays, me }) {
  const t = texts("home");
  const growthText = t.growth(customers - growth.customers[0], growth.customers.length - 1);
  const total = Object.values(byState).reduce((sum, value) => sum + value, 0);
  const people = html`<${Stat}
    label=${t.customers()} value=${number(customers)} note=${growthText}
    chart=${html`<${Sparkline} label=${t.growthOf(number(customers), growthText)} values=${growth.customers} />`}
  />`;
  if (lastDays) {
    return html`<${StatStrip} label=${t.figures()}>
      ${people}<${LastDays} lastDays=${lastDays} currency=${me.currency} />
    <//>`;
  }
  return html`<${StatStrip} label=${t.figures()}>
    ${people}
    <${Stat} label=${t.campaigns()} value=${number(total)} note=${`${t.finished(byState.finished ?? 0)} · ${t.drafts(byState.draft ?? 0)}`} />
    <${Stat} label=${t.running()} value=${number(byState.running ?? 0)} />
    <${Stat} label=${t.sent()} value=${number(last.sent)} note=${t.rate(share(last.sent, last.audience))} />
    <${Stat} label=${t.failed()} value=${number(last.failed)} note=${t.rate(share(last.failed, last.audience))} />
  <//>`;
}

/** @param {{items: Api.AttentionItem[]}} props */
function Attention({ items }) {
  const { attention: t, noName } = texts("home");
  return html`<${Card} title=${t.title()}>
    <ul class="attention-list">
      ${items.map(
        (item) => html`<li key=${item.code + item.campaign_id}>
          <${Icon} name="alert" />
          <span class="attention-text"><a href=${`/campaigns/${item.campaign_id}`}><bdi>${item.campaign_name || noName()}</bdi></a> ${attentionText(t, { ...item, detail: startErrorText(item.reason, item.detail ?? "") })}</span>
        </li>`,
      )}
    </ul>
  <//>`;
}

/**
 * @param {Ui.Texts["home"]["attention"]} t
 * @param {Pick<Api.AttentionItem, "code" | "count" | "share" | "detail">} item
 */
export function attentionText(t, { code, count, share: part, detail }) {
  if (code === "start_error") return t.start_error(detail ?? "");
  if (code === "failures") return t.failures(count ?? 0, share(part ?? 0, 1));
  return code === "discrepancy" ? t.discrepancy() : t.vendor_deferred(count ?? 0);
}

/** @typedef {Api.Overview["last_imports"][number]} LastImport */

/** @param {{imports: LastImport[]}} props */
export function LastImports({ imports }) {
  const { imports: t } = texts("home");
  if (!imports.length) return null;
  return html`<${Card}
    title=${t.title()} isFlush
    actions=${html`<${Button} isSmall kind="quiet" href="/customers/imports">${t.all()}<//>`}
  ><${Table}
    caption=${t.title()} columns=${importColumns()} rows=${imports}
    rowKey=${(/** @type {LastImport} */ { id }) => id}
    href=${(/** @type {LastImport} */ { id }) => `/customers/imports/${encodeURIComponent(id)}`}
  /><//>`;
}

/** @returns {import("../../ui/table.js").Column<LastImport>[]} */
function importColumns() {
  const { imports: t } = texts("home");
  return [
    {
      title: t.columns.file(),
      phone: "title",
      size: 4,
      cell: ({ file, what }) => html`<bdi class="clamped">${file ?? t.what[what]?.() ?? what}</bdi>`,
    },
    { title: t.columns.rows(), phone: "line", size: 2, cell: ({ rows }) => t.rows(rows) },
    { title: t.columns.by(), size: 4, cell: ({ by }) => html`<bdi class="clamped">${by}</bdi>` },
    { title: t.columns.at(), phone: "end", size: 2, cell: ({ at }) => html`<${Time} at=${at} />` },
  ];
}

/** @param {{caption: string, campaigns: Api.Campaign[], columns: Columns}} props */
const CampaignTable = ({ caption, campaigns: rows, columns: shown }) => html`<${Table}
  caption=${caption} columns=${shown} rows=${rows}
  rowKey=${(/** @type {Api.Campaign} */ { id }) => id}
  href=${(/** @type {Api.Campaign} */ { id }) => `/campaigns/${id}`}
/>`;

/** @typedef {import("../../ui/table.js").Column<Api.Campaign>[]} Columns */

/**
 * @param {boolean} [hasActions] Whether a campaign can be paused and resumed here.
 * @returns {Columns}
 */
function columns(hasActions = false) {
  const t = texts("home");
  /** @type {Columns} */
  const end = hasActions
    ? [
        {
          title: t.now.actions(),
          isTitleHidden: true,
          phone: "end",
          cell: (campaign) => html`<${PauseButton} campaign=${campaign} />`,
        },
      ]
    : [];
  return [
    { title: t.now.name(), phone: "title", cell: ({ name }) => html`<bdi class="clamped">${name || t.noName()}</bdi>` },
    { title: t.now.state(), phone: "aside", cell: ({ state }) => html`<${Badge} state=${state} />` },
    { title: t.now.results(), phone: "line", cell: (campaign) => html`<${Results} campaign=${campaign} />` },
    {
      title: t.now.progress(),
      phone: hasActions ? undefined : "end",
      isNumber: true,
      cell: ({ totals }) => totals && t.people(totals.audience),
    },
    { title: t.now.when(), cell: (campaign) => html`<${When} campaign=${campaign} />` },
    ...end,
  ];
}

/** @param {{campaign: Api.Campaign}} props */
function PauseButton({ campaign: { id, name, state } }) {
  const t = texts("home");
  if (state !== "running" && state !== "paused") return html`<span class="visually-hidden">${texts().nothing()}</span>`;
  const action = state === "running" ? "pause" : "resume";
  const change = () => mutate(() => campaigns[action](id), "/api/campaigns");
  return html`<${Button}
    isSmall icon=${action === "pause" ? "pause" : "play"} label=${t.now.named[action](name || t.noName())} onClick=${change}
  >${t.now[action]()}<//>`;
}

/** @param {{campaign: Api.Campaign}} props */
function Results({ campaign: { name, totals, start_at: start, state } }) {
  const t = texts("home");
  if (!totals)
    return html`<span class="muted phone-only">${state === "scheduled" && start ? t.startsAt(dateTime(start)) : texts().nothing()}</span>`;
  const parts = outcomesIn(totals).map((key) => ({ key, label: texts().states[key](), value: totals[key] }));
  return html`<${StackedBar} label=${t.resultsOf(name)} parts=${parts} />`;
}

/** @param {{campaign: Api.Campaign}} props */
function When({ campaign: { state, start_at: start, launched_at: launched, created_at: created } }) {
  if (state === "scheduled" && start) return html`<span>${texts("home").startsAt(dateTime(start))}</span>`;
  return html`<${Time} at=${launched ?? created} />`;
}

/** @typedef {{key: "customers" | "segment" | "draft" | "launch", isDone: boolean, href: string}} Step */

/**
 * @param {Api.Overview["first_steps"]} steps
 * @returns {Step[]}
 */
export const stepsOf = (steps) => [
  { key: "customers", isDone: steps.has_customers, href: "/customers/import" },
  { key: "segment", isDone: steps.has_segment, href: "/segments" },
  { key: "draft", isDone: steps.has_draft, href: "/campaigns/new" },
  { key: "launch", isDone: steps.has_launched, href: "/campaigns" },
];

/** @param {{steps: Api.Overview["first_steps"], me: Api.Me}} props */
function FirstSteps({ steps, me }) {
  const { steps: t } = texts("home");
  if (!mayWrite(me)) return html`<${Card} label=${t.title()}><${Empty} icon="send" title=${t.viewer()} /><//>`;
  const all = stepsOf(steps);
  const next = all.find(({ isDone }) => !isDone);
  return html`<${Card} title=${t.title()}>
    <p class="muted">${t.lead()}</p>
    <ol class="step-list">
      ${all.map(
        (step, index) => html`<li key=${step.key} data-done=${step.isDone}>
          <span class="step-mark">${step.isDone ? html`<${Icon} name="check" size=${16} /><span class="visually-hidden">${t.done()}</span>` : number(index + 1)}</span>
          <span class="step-text"><strong>${t[step.key].title()}</strong><span>${t[step.key].text()}</span></span>
          ${!step.isDone && html`<${Button} kind=${step === next ? "primary" : undefined} href=${step.href}>${t[step.key].action()}<//>`}
        </li>`,
      )}
    </ol>
  <//>`;
}
