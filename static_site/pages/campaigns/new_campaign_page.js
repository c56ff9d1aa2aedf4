/** The form that creates a campaign: its audience, its message, and how and when it is sent. */

import { ApiError, campaigns } from "../../api.js";
import { AudienceEditor } from "../../audience/editor.js";
import { openDialog } from "../../dom/dialog.js";
import { el, heading } from "../../dom/dom.js";
import { busy, button, clearProblem, field, formError, numberFrom, radioGroup, showProblem } from "../../dom/forms.js";
import { empty } from "../../dom/states.js";
import { navigate } from "../../router.js";
import { mayWrite } from "../../session.js";
import { launchConfirmation, scheduleConfirmation } from "./confirmations.js";
import { messageFields } from "./message_fields.js";
import { sendingFields } from "./sending_fields.js";
import { startTimeFrom } from "./start_time.js";

const PERSONALIZATIONS = [
  { value: "gemini", label: "Gemini", hint: "Writes a separate text for each person, based on your message." },
  { value: "template", label: "Template", hint: "Sends your message with the fields filled in." },
];

const NOW = "now";

/** @param {Ui.PageOptions} options */
export function newCampaignPage({ me, signal }) {
  const page = el("div", { class: "page" }, heading("New campaign"));
  page.append(mayWrite(me) ? campaignForm({ me, signal }) : empty("Viewers cannot create campaigns."));
  return page;
}

/** @param {{me: Api.Me, signal: AbortSignal}} options */
function campaignForm({ me, signal }) {
  const audience = new AudienceEditor({ me, signal });
  const buttons = SUBMITS.map(({ label, kind }) => button(label, { kind, type: "submit", disabled: true }));
  const onLoaded = () => {
    for (const item of buttons) item.disabled = false;
  };
  const form = el(
    "form",
    { class: "stack", novalidate: true },
    el("div", { class: "panel" }, field({ label: "Campaign name", name: "name", autocomplete: "off" })),
    part("Audience", audience.element),
    part("Message", messageFields(), personalization()),
    part("Sending", sendingFields({ signal, onLoaded })),
    formError(),
    el("div", { class: "actions" }, ...buttons),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const pressed = event.submitter instanceof HTMLButtonElement ? buttons.indexOf(event.submitter) : 0;
    const { work } = SUBMITS[pressed];
    busy(buttons, () => submit(form, audience, work)).catch((error) => showProblem(form, error));
  });
  return form;
}

/**
 * @param {string} title
 * @param {...HTMLElement} children
 */
const part = (title, ...children) =>
  el("section", { class: "panel", "aria-label": title }, el("h2", {}, title), ...children);

const personalization = () =>
  radioGroup({
    legend: "Personalization",
    name: "personalization",
    options: PERSONALIZATIONS,
    selected: "gemini",
  });

/** @typedef {(form: HTMLFormElement, audience: AudienceEditor, rule: Api.RuleInput) => Promise<void>} Work */

/**
 * The buttons that submit the form. Enter in a field presses the first one.
 *
 * @type {{label: string, kind?: string, work: Work}[]}
 */
const SUBMITS = [
  { label: "Create draft", work: (form, audience) => create(form, audience) },
  {
    label: "Create and schedule",
    work: async (form, audience, rule) => createAndStart(form, audience, await askStartTime(rule)),
  },
  {
    label: "Create and launch",
    kind: "primary",
    work: async (form, audience, rule) => createAndStart(form, audience, await askLaunch(rule)),
  },
];

/**
 * @param {HTMLFormElement} form
 * @param {AudienceEditor} audience
 * @param {Work} work
 */
async function submit(form, audience, work) {
  clearProblem(form);
  const rule = audience.rule();
  if (rule) await work(form, audience, { ...rule, channel: textOf(form, "channel") });
  else audience.showMissing();
}

/**
 * Asks for a launch. Returns `NOW`, or null if the reader cancelled.
 *
 * @param {Api.RuleInput} rule
 */
const askLaunch = async (rule) => openDialog({ ...(await launchConfirmation(rule)), work: async () => NOW });

/**
 * Asks for a start time. Returns it as an ISO time, or null if the reader cancelled.
 *
 * @param {Api.RuleInput} rule
 */
const askStartTime = async (rule) =>
  openDialog({ ...(await scheduleConfirmation(rule)), work: async (form) => startTimeFrom(form) });

/**
 * @param {HTMLFormElement} form
 * @param {AudienceEditor} audience
 * @param {string | null} start An ISO time, `NOW`, or null if the reader cancelled.
 */
async function createAndStart(form, audience, start) {
  if (start) await create(form, audience, start);
}

/**
 * @param {HTMLFormElement} form
 * @param {AudienceEditor} audience
 * @param {string} [start]
 */
async function create(form, audience, start) {
  const { id } = await campaigns.create(settings(form, audience));
  navigate(`/campaigns/${id}`, { notice: start && (await startError(id, start)) });
}

/**
 * Starts a campaign. Returns why it could not be started, or "". Such a campaign stays a draft, and its page can start
 * it again.
 *
 * @param {string} id
 * @param {string} start
 */
async function startError(id, start) {
  try {
    await campaigns.launch(id, start === NOW ? undefined : start);
    return "";
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return `The campaign was created, but not ${start === NOW ? "launched" : "scheduled"}: ${error.message}`;
  }
}

/**
 * @param {HTMLFormElement} form
 * @param {AudienceEditor} audience
 * @returns {Api.CampaignSettings}
 */
function settings(form, audience) {
  const perMinute = textOf(form, "per_minute").trim();
  return {
    name: textOf(form, "name"),
    ...audience.choice(),
    message: { subject: textOf(form, "message.subject"), body: textOf(form, "message.body") },
    personalization: textOf(form, "personalization"),
    vendor: textOf(form, "vendor"),
    channel: textOf(form, "channel"),
    per_minute: perMinute ? numberFrom(perMinute) : null,
  };
}

/**
 * The text in a field of the form; empty if there is no such field.
 *
 * @param {HTMLFormElement} form
 * @param {string} name
 */
const textOf = (form, name) => String(new FormData(form).get(name) ?? "");
