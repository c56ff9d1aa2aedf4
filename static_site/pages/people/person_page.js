/** One person: who they are, what they did, and what Herald wrote to them. */

import { ApiError, customers, topics } from "../../api.js";
import { download } from "../../data/download.js";
import { mutate, useResource } from "../../data/resource.js";
import { html, useState } from "../../html.js";
import { hasRole, mayWrite } from "../../session.js";
import { money, number } from "../../texts/format.js";
import { language, texts } from "../../texts.js";
import { Badge, Button, Card, Empty, Loaded, Notice, PageHeader, Time, toast } from "../../ui/basic.js";
import { Select } from "../../ui/fields.js";
import { Stat, StatStrip } from "../../ui/figures.js";
import { lift } from "../suppressions/lift.js";
import { reasonText } from "../suppressions/reason.js";
import { EraseDialog } from "./erase_dialog.js";
import { PersonFields } from "./person_fields.js";
import { PersonSegments } from "./person_segments.js";
import { TimeLine } from "./time_line.js";

/** @param {{params: {id: string}, me: Api.Me}} props */
export default function PersonPage({ params: { id }, me }) {
  const t = texts("people");
  const person = useResource(keyOf(id), (signal) => customers.get(id, signal), { every: waitsFor });
  const back = { href: "/customers", label: t.all() };
  if (!person.data) {
    const isGone = person.error instanceof ApiError && person.error.status === 404;
    return html`<div class="view">
      <${PageHeader} title=${t.all()} back=${back} />
      ${isGone ? html`<${Empty} icon="people" title=${t.gone()} />` : html`<${Loaded} resource=${person} rows=${8} />`}
    </div>`;
  }
  return html`<div class="view">
    <${PageHeader} title=${nameOf(person.data)} back=${back} ...${headOf(person.data, me)} />
    <${Loaded} resource=${person}>${(/** @type {Api.CustomerDetails} */ data) => html`<${Content} person=${data} me=${me} />`}<//>
  </div>`;
}

const PAUSE = 3000;

/**
 * Loads again while a message is on its way.
 *
 * @param {Api.CustomerDetails} person
 */
const waitsFor = ({ messages }) => (messages.some(({ state }) => state === "pending") ? PAUSE : null);

/** @param {string} id */
const keyOf = (id) => `/api/customers/${id}`;

/** @param {Api.CustomerDetails} person */
const nameOf = ({ name, email, phone }) => name || email || phone || texts().person.noName();

/**
 * @param {Api.CustomerDetails} person
 * @param {Api.Me} me
 */
function headOf(person, me) {
  const { name, email, phone, suppressions } = person;
  const t = texts("people");
  const addresses = [name && email, phone].filter(Boolean);
  return {
    lead: addresses.length > 0 && html`<bdi>${addresses.join(" · ")}</bdi>`,
    badge: suppressions.length > 0 && html`<${Badge} tone="bad">${t.suppressed()}<//>`,
    actions: html`<${Actions} person=${person} me=${me} />`,
  };
}

/** @param {{person: Api.CustomerDetails, me: Api.Me}} props */
function Actions({ person, me }) {
  const t = texts("people");
  const [isErasing, setIsErasing] = useState(false);
  const save = async () => download(`${person.id}.json`, await customers.export(person.id), "application/json");
  return html`
    ${mayWrite(me) && html`<${Button} icon="download" onClick=${save}>${t.export()}<//>`}
    ${hasRole(me, "admin") && html`<${Button} icon="trash" kind="danger" onClick=${() => setIsErasing(true)}>${t.erase()}<//>`}
    ${isErasing && html`<${EraseDialog} id=${person.id} name=${nameOf(person)} onClose=${() => setIsErasing(false)} />`}`;
}

/** @param {{person: Api.CustomerDetails, me: Api.Me}} props */
function Content({ person, me }) {
  const { figures: t } = texts("people");
  return html`<div class="stack-view">
    ${person.suppressions.map((one) => html`<${Suppressed} key=${one.address} suppressed=${one} me=${me} />`)}
    <${StatStrip} label=${t.title()}>
      <${Stat} label=${t.spend()} value=${money(person.spend, me.currency)} />
      <${Stat} label=${t.orders()} value=${number(person.orders)} />
      <${Stat} label=${t.visits()} value=${number(person.visits)} />
      <${Stat} label=${t.lastActive()} value=${html`<${Time} at=${person.last_active_at} />`} />
    <//>
    <div class="two-columns">
      <${TimeLine} person=${person} currency=${me.currency} />
      <div class="stack-view">
        <${Consent} person=${person} isFixed=${!mayWrite(me)} />
        <${PersonFields} person=${person} isFixed=${!mayWrite(me)} />
        <${PersonSegments} id=${person.id} />
      </div>
    </div>
  </div>`;
}

/** @param {{suppressed: Api.SuppressedAddress, me: Api.Me}} props */
function Suppressed({ suppressed, me }) {
  const t = texts("people");
  const { address, reason } = suppressed;
  const button = html`<${Button} isSmall onClick=${() => lift(suppressed)}>${t.suppressions.lift()}<//>`;
  return html`<${Notice} tone="warn" action=${hasRole(me, "admin") && button}>
    <bdi>${t.suppressedBy(address, reasonText(reason))}</bdi>
  <//>`;
}

/** @param {boolean | undefined} isGiven */
function answerOf(isGiven) {
  if (isGiven === undefined) return "";
  return isGiven ? "yes" : "no";
}

/**
 * What the person said about each channel: yes, no, or nothing that is known. A change is saved at once, and can be
 * taken back where there was an answer before.
 *
 * @param {{person: Api.CustomerDetails, isFixed: boolean}} props
 */
function Consent({ person, isFixed }) {
  const { consent: t } = texts("people");
  const items = useResource("/api/topics list", async (signal) => (await topics.list(signal)).items).data ?? [];
  return html`<${Card} title=${t.title()}>
    <p class="form-hint">${t.hint()}</p>
    ${Object.entries(t.channels).map(
      ([channel, label]) => html`<${ConsentChoice}
        key=${channel} name=${channel} label=${label()} person=${person} isFixed=${isFixed}
      />`,
    )}
    ${
      items.length > 0 &&
      Object.entries(t.channels).map(
        ([channel, label]) => html`<${TopicConsents}
        key=${`${channel}_`} channel=${channel} label=${label()} items=${items} person=${person} isFixed=${isFixed}
      />`,
      )
    }
  <//>`;
}

/**
 * What the person said about the topics on one channel.
 *
 * @param {{channel: string, label: string, items: Api.Topic[], person: Api.CustomerDetails, isFixed: boolean}} props
 */
function TopicConsents({ channel, label, items, person, isFixed }) {
  const { consent: t } = texts("people");
  const isOpen = Object.keys(person.consent).some((name) => name.startsWith(`${channel}_`));
  return html`<details class="fold" open=${isOpen}>
    <summary>${t.topics(label)}</summary>
    <div class="stack-view">
      ${items.map(
        ({ name, labels }) => html`<${ConsentChoice}
          key=${name} name=${`${channel}_${name}`} label=${t.topicOn(labels[language()], label)} person=${person} isFixed=${isFixed}
        />`,
      )}
    </div>
  </details>`;
}

/** @param {{name: string, label: string, person: Api.CustomerDetails, isFixed: boolean}} props */
function ConsentChoice({ name, label, person: { id, consent }, isFixed }) {
  const { consent: t } = texts("people");
  /** @param {boolean} isGiven */
  const save = (isGiven) => mutate(() => customers.change(id, { consent: { [name]: isGiven } }), "/api/customers");
  /** @param {boolean} isGiven */
  const change = async (isGiven) => {
    await save(isGiven);
    const undo = name in consent ? () => save(!isGiven) : undefined;
    toast((isGiven ? t.given : t.taken)(label), { undo });
  };
  const options = [
    ...(name in consent ? [] : [{ value: "", label: t.unknown() }]),
    { value: "yes", label: t.yes() },
    { value: "no", label: t.no() },
  ];
  return html`<${Select}
    label=${label} options=${options} disabled=${isFixed} value=${answerOf(consent[name])}
    onChange=${(/** @type {string} */ answer) => answer && change(answer === "yes")}
  />`;
}
