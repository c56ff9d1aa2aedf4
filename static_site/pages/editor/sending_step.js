/** How and when a campaign is sent: vendor, channel, pace and start. */

import { channelName } from "../../audience/audience_preview.js";
import { toInputTime, zoneName } from "../../data/start_time.js";
import { html } from "../../html.js";
import { language, texts } from "../../texts.js";
import { Loaded, Notice } from "../../ui/basic.js";
import { Choice, Field, Select } from "../../ui/fields.js";
import { minutesFor, readPace } from "./draft.js";
import { useChecklist, useTopics, useVendors } from "./lookups.js";
import { SendingRules } from "./sending_rules.js";
import { SimulationSettings } from "./simulation_settings.js";
import { Step } from "./step.js";

/** @param {{draft: import("./use_draft.js").Draft}} props */
export function SendingStep({ draft }) {
  const t = texts("editor").sending;
  const { form } = draft;
  const recipients = useChecklist(draft).data?.recipients;
  const pace = readPace(form.values.per_minute);
  const minutes = recipients && minutesFor(recipients.reachable, pace);
  const field = form.bind("per_minute");
  const errors = pace === undefined ? [t.paceError()] : field.errors;
  const emptyHint = form.values.per_minute ? "" : t.noPace();
  return html`<${Step} name="sending" number=${3}>
    <${Loaded} resource=${useVendors()} rows=${3}>${(/** @type {Api.Vendor[]} */ items) => html`<${VendorChoice} form=${form} items=${items} />`}<//>
    <${TopicChoice} form=${form} items=${useTopics().data ?? []} />
    <${Field}
      label=${t.pace()} unit=${t.perMinute()} inputmode="numeric" ...${field} errors=${errors}
      hint=${minutes ? t.doneIn(minutes) : emptyHint}
    />
    <${SendingRules} form=${form} />
    <${StartChoice} draft=${draft} />
  <//>`;
}

/**
 * What the message is about, where the deployment has topics. A topic that is gone stays as it is until it is changed.
 *
 * @param {{form: import("./use_draft.js").Draft["form"], items: Api.Topic[]}} props
 */
function TopicChoice({ form, items }) {
  const t = texts("editor").sending;
  const chosen = form.values.topic;
  if (!(items.length || chosen)) return null;
  const options = items.map(({ name, labels }) => ({ value: name, label: labels[language()] }));
  if (chosen && !items.some(({ name }) => name === chosen)) options.push({ value: chosen, label: chosen });
  const all = [{ value: "", label: t.noTopic() }, ...options];
  return html`<${Select} label=${t.topic()} hint=${t.topicHint()} ...${form.bind("topic")} options=${all} />`;
}

/** @param {{form: import("./use_draft.js").Draft["form"], items: Api.Vendor[]}} props */
function VendorChoice({ form, items }) {
  const t = texts("editor").sending;
  const current = items.find(({ name }) => name === form.values.vendor);
  const channels = current?.channels ?? [];
  const field = form.bind("vendor");
  const options = items.map(({ name, label, hint, available, sends_real_messages: isReal }) => ({
    value: name,
    label: t.vendors[/** @type {"simulator"} */ (name)]?.() ?? label,
    hint: vendorHint({ name, hint, available, isReal }),
    disabled: !available,
  }));
  /** @param {string} name */
  const choose = (name) => {
    const next = items.find((vendor) => vendor.name === name)?.channels ?? [];
    form.set("vendor", name);
    if (!next.some((channel) => channel.name === form.values.channel) && next[0]) form.set("channel", next[0].name);
  };
  return html`<div class="stack-view">
    <${Choice} label=${t.vendor()} options=${options} ...${field} onChange=${choose} />
    ${current && !current.sends_real_messages && html`<${Notice} tone="warn">${t.simulator()}<//>`}
    ${current?.name === "simulator" && html`<${SimulationSettings} form=${form} />`}
    <${Select}
      label=${t.channel()} ...${form.bind("channel")}
      options=${channels.map(({ name }) => ({ value: name, label: capitalized(channelName(name)) }))}
    />
  </div>`;
}

/** @param {string} text */
const capitalized = (text) => text.charAt(0).toLocaleUpperCase() + text.slice(1);

/** @param {{name: string, hint: string, available: boolean, isReal: boolean}} vendor */
function vendorHint({ name, hint, available, isReal }) {
  const t = texts("editor").sending;
  if (!available) return t.notSetUp();
  return isReal ? (t.vendorHints[/** @type {"webhook"} */ (name)]?.() ?? hint) : t.sendsNothing();
}

/** @param {{draft: import("./use_draft.js").Draft}} props */
function StartChoice({ draft }) {
  const t = texts("editor").sending;
  const { start } = draft;
  const options = [
    { value: "now", label: t.now() },
    { value: "at", label: t.later() },
  ];
  return html`<div class="stack-view">
    <${Choice} label=${t.start()} name="start" value=${start.mode} onChange=${start.setMode} options=${options} />
    ${
      start.mode === "at" &&
      html`<${Field}
      label=${t.time()} name="at" type="datetime-local" value=${start.at} onChange=${start.setAt}
      min=${toInputTime(new Date())} hint=${t.zone(zoneName())} errors=${start.isValid ? [] : [t.past()]}
    />`
    }
  </div>`;
}
