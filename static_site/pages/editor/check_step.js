/** The last step: what is ready, and the launch. */

import { ApiError, campaigns } from "../../api.js";
import { channelName, excludedReason } from "../../audience/audience_preview.js";
import { invalidate } from "../../data/resource.js";
import { html, useState } from "../../html.js";
import { navigate } from "../../router.js";
import { dateTime, number } from "../../texts/format.js";
import { fieldErrorText, texts } from "../../texts.js";
import { Button, Icon, Notice, Skeleton } from "../../ui/basic.js";
import { Dialog } from "../../ui/overlays.js";
import { readDays, readHoldout, readPace } from "./draft.js";
import {
  durationText,
  EstimateLine,
  geminiText,
  MissingNotice,
  segmentsText,
  useEstimate,
  waitingTexts,
} from "./estimate.js";
import { useChecklist, useVendors } from "./lookups.js";
import { Step } from "./step.js";
import { TestButton } from "./test_dialog.js";
import { checklistError } from "./use_draft.js";

/** @typedef {import("./use_draft.js").Draft} Draft */

/**
 * A sentence for an error of the checklist.
 *
 * @param {Api.FieldError} error
 */
const errorText = (error) =>
  texts("editor").errors[/** @type {"template"} */ (error.code)]?.() ?? fieldErrorText(error);

/** @param {{draft: Draft, audience: import("../../audience/use_audience.js").AudienceState, me: Api.Me}} props */
export function CheckStep({ draft, audience, me }) {
  const t = texts("editor").check;
  const { data } = useChecklist(draft);
  const [recipients, setRecipients] = useState(/** @type {Api.Checklist["recipients"]} */ (null));
  const launch = async () => {
    const problem = await launchProblem(draft, audience);
    if (problem instanceof ApiError) draft.form.showError(problem);
    else setRecipients(problem);
  };
  const isLater = draft.start.mode === "at";
  const label = data?.recipients?.reachable
    ? t[isLater ? "scheduleFor" : "launchTo"](data.recipients.reachable)
    : t[isLater ? "schedule" : "launch"]();
  return html`<${Step} name="check" number=${4}>
    <${CheckItems} draft=${draft} checklist=${data} />
    <${EstimateLine} draft=${draft} />
    <div class="button-row"><${Button} kind="primary" icon="send" onClick=${launch}>${label}<//><${TestButton} draft=${draft} me=${me} /></div>
    ${recipients && html`<${LaunchDialog} draft=${draft} recipients=${recipients} onClose=${() => setRecipients(null)} />`}
  <//>`;
}

/**
 * Saves the draft and checks it. Returns what is wrong, or whom it reaches.
 *
 * @param {Draft} draft
 * @param {import("../../audience/use_audience.js").AudienceState} audience
 */
async function launchProblem(draft, audience) {
  const { errors } = texts("editor");
  const { form, start } = draft;
  await draft.save();
  const { items, recipients } = await campaigns.checklist(draft.currentId());
  /** @type {Api.FieldError[]} */
  const own = [];
  if (form.values.mode === "text" && !audience.isComplete) own.push({ field: "text", message: errors.incomplete() });
  if (readPace(form.values.per_minute) === undefined) own.push({ field: "per_minute", message: errors.pace() });
  if (readHoldout(form.values.holdout_percent) === undefined) {
    own.push({ field: "holdout_percent", message: errors.holdout() });
  }
  if (readDays(form.values.conversion_days) === undefined) {
    own.push({ field: "conversion_days", message: errors.days() });
  }
  if (!start.isValid) own.push({ field: "", message: errors.past() });
  const found = checklistError(items, form.values.mode, errorText)?.fields ?? [];
  const all = [...found, ...own];
  return all.length ? new ApiError({ status: 422, code: "invalid", errors: all }) : recipients;
}

/** @param {{draft: Draft, checklist: Api.Checklist | undefined}} props */
function CheckItems({ draft, checklist }) {
  const t = texts("editor").check;
  if (!draft.id) return html`<p class="muted">${t.nothing()}</p>`;
  if (!checklist) return html`<${Skeleton} rows=${4} />`;
  return html`<ul class="check-list" aria-label=${t.title()}>
    ${checklist.items.map(
      ({ code, state, errors }) => html`<li key=${code} data-state=${state}>
        <${Icon} name=${state === "ok" ? "check" : "x"} size=${16} />
        <span>${t.items[code]()}<span class="visually-hidden">: ${t.states[state]()}</span></span>
        ${errors.length > 0 && html`<span class="muted">${[...new Set(errors.map(errorText))].join(" ")}</span>`}
      </li>`,
    )}
  </ul>
  ${draft.form.errors[""] && html`<p class="form-problem" role="alert" tabindex="-1"><${Icon} name="alert" size=${14} /><span>${draft.form.errors[""].join(" ")}</span></p>`}`;
}

/** @param {{draft: Draft, recipients: NonNullable<Api.Checklist["recipients"]>, onClose: () => void}} props */
function LaunchDialog({ draft, recipients, onClose }) {
  const t = texts("editor").launch;
  const { form, start } = draft;
  const { data: estimate } = useEstimate(draft);
  const vendor = useVendors().data?.find(({ name }) => name === form.values.vendor);
  const launch = async () => {
    await campaigns.launch(draft.currentId(), start.iso);
    await invalidate("/api/campaigns");
    navigate(`/campaigns/${draft.currentId()}`);
  };
  return html`<${Dialog}
    title=${start.iso ? t.scheduleTitle() : t.title()} onClose=${onClose}
    actions=${html`<${Button} onClick=${onClose}>${texts().actions.cancel()}<//><${Button} kind="primary" onClick=${launch}>${start.iso ? t.schedule() : t.confirm(recipients.reachable)}<//>`}
  >
    ${vendor && !vendor.sends_real_messages && html`<${Notice} tone="warn">${t.simulator()}<//>`}
    <dl class="launch-facts">${facts(draft, recipients, estimate).map(([name, value]) => html`<div key=${name}><dt>${name}</dt><dd><bdi>${value}</bdi></dd></div>`)}</dl>
    ${recipients.unknown_consent > 0 && html`<${Notice} tone="warn">${texts("audience").unknownConsent(number(recipients.unknown_consent))}<//>`}
    <${MissingNotice} draft=${draft} estimate=${estimate} />
    <p class="muted">${t.warning()}</p>
  <//>`;
}

/**
 * @param {NonNullable<Api.Estimate["segments"]>} segments
 * @returns {[string, string]}
 */
const smsRow = (segments) => [texts("editor").estimate.sms(), segmentsText(segments)];

/**
 * The quiet hours, and who waits for the clock where they are.
 *
 * @param {Api.Estimate} estimate
 * @returns {[string, string][]}
 */
function clockRows(estimate) {
  const t = texts("editor").launch;
  const { quiet_hours: quiet } = estimate.waiting;
  const waits = waitingTexts(estimate);
  return [
    ...(quiet ? [/** @type {[string, string]} */ ([t.quietHours(), quiet])] : []),
    ...(waits.length ? [/** @type {[string, string]} */ ([t.waiting(), waits.join(" ")])] : []),
  ];
}

/**
 * @param {Draft} draft
 * @param {NonNullable<Api.Checklist["recipients"]>} recipients
 * @param {Api.Estimate | undefined} estimate
 * @returns {[string, string][]}
 */
function facts({ form, start }, { reachable, excluded }, estimate) {
  const t = texts("editor").launch;
  const { name, channel, vendor } = form.values;
  const left = Object.entries(excluded).filter(([, count]) => count > 0);
  const { vendors } = texts("editor").sending;
  return [
    [t.name(), name],
    [t.channel(), t.through(channelName(channel), vendors[/** @type {"webhook"} */ (vendor)]?.() ?? vendor)],
    [t.people(), number(reachable)],
    [t.leftOut(), left.map(([code, count]) => `${excludedReason(code)}: ${number(count)}`).join(", ") || t.nobody()],
    [t.starts(), start.iso ? dateTime(start.iso) : t.atOnce()],
    [t.pace(), estimate ? durationText(estimate) : "…"],
    [t.gemini(), estimate ? geminiText(estimate) : "…"],
    ...(estimate?.segments ? [smsRow(estimate.segments)] : []),
    ...(estimate ? clockRows(estimate) : []),
  ];
}
