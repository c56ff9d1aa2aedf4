/** Rules of sending that most campaigns leave as they are: they are folded, and the fold says which of them are set. */

import { html, useState } from "../../html.js";
import { texts } from "../../texts.js";
import { Field, Select } from "../../ui/fields.js";
import { EMPTY_DRAFT, readDays, readHoldout } from "./draft.js";

/** @typedef {import("./use_draft.js").Draft["form"]} Form */

const RULES = /** @type {const} */ ([
  "quiet_hours",
  "local_hour",
  "frequency_cap",
  "holdout_percent",
  "tracking",
  "utm",
  "conversion_days",
  "inbox",
]);
const OF_MAILS = ["tracking", "utm"];

/**
 * The rules that are not as they are in a new campaign, of those that the channel has.
 *
 * @param {import("./draft.js").DraftValues} values
 */
export const changedRules = (values) =>
  RULES.filter(
    (name) => values[name] !== EMPTY_DRAFT[name] && (values.channel === "email" || !OF_MAILS.includes(name)),
  );

/**
 * It is open at first if a rule is set, and whenever one has an error; else as the reader leaves it.
 *
 * @param {{form: Form}} props
 */
export function SendingRules({ form }) {
  const t = texts("editor").sending;
  const changed = changedRules(/** @type {import("./draft.js").DraftValues} */ (form.values));
  const [isOpen, setOpen] = useState(changed.length > 0);
  const holdout = form.bind("holdout_percent");
  const holdoutErrors = readHoldout(form.values.holdout_percent) === undefined ? [t.holdoutError()] : holdout.errors;
  const days = form.bind("conversion_days");
  const dayErrors = readDays(form.values.conversion_days) === undefined ? [t.daysError()] : days.errors;
  const hasErrors = [holdoutErrors, dayErrors, ...RULES.map((name) => form.bind(name).errors)].some(
    (one) => one?.length,
  );
  const names = changed.map((name) => t.ruleNames[name]());
  return html`<details
    class="fold" open=${isOpen || hasErrors}
    onToggle=${(/** @type {{currentTarget: HTMLDetailsElement}} */ event) => setOpen(event.currentTarget.open)}
  >
    <summary>${names.length ? t.rulesSet(names.join(", ")) : t.rules()}</summary>
    <div class="stack-view">
      <${Field} label=${t.quietHours()} hint=${t.quietHint()} ...${form.bind("quiet_hours")} />
      <${Select} label=${t.localHour()} hint=${t.localHint()} ...${form.bind("local_hour")} options=${localHours()} />
      <${Field} label=${t.frequencyCap()} hint=${t.capHint()} ...${form.bind("frequency_cap")} />
      <${Field}
        label=${t.holdout()} unit=${t.percent()} inputmode="numeric" hint=${t.holdoutHint()} ...${holdout} errors=${holdoutErrors}
      />
      ${form.values.channel === "email" && html`<${TrackingChoice} form=${form} />`}
      <${Field}
        label=${t.conversionDays()} unit=${t.days()} inputmode="numeric" hint=${t.daysHint()} ...${days} errors=${dayErrors}
      />
      <${Select}
        label=${t.inbox()} ...${form.bind("inbox")}
        options=${[{ value: "one", label: t.oneForAll() }, { value: "each", label: t.oneEach() }]}
      />
    </div>
  </details>`;
}

/** @param {{form: Form}} props */
function TrackingChoice({ form }) {
  const t = texts("editor").sending;
  const options = [
    { value: "", label: t.trackingChoices.default() },
    { value: "on", label: t.trackingChoices.on() },
    { value: "off", label: t.trackingChoices.off() },
  ];
  return html`
    <${Select} label=${t.tracking()} hint=${t.trackingHint()} ...${form.bind("tracking")} options=${options} />
    <${Field} label=${t.utm()} hint=${t.utmHint()} maxlength="100" ...${form.bind("utm")} />`;
}

/** The hours of a day, after the choice of any. */
const localHours = () => [
  { value: "", label: texts("editor").sending.anyHour() },
  ...Array.from({ length: 24 }, (_, hour) => ({ value: String(hour), label: `${String(hour).padStart(2, "0")}:00` })),
];
