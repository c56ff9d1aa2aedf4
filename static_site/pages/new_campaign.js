/** Creating a campaign: who it is for, what it says, how and when it goes out. */

import { campaigns } from "../api.js";
import { AudienceEditor } from "../audience/editor.js";
import { ask } from "../dialog.js";
import { el, heading } from "../dom.js";
import { busy, button, choice, clearProblem, field, formError, numberFrom, showProblem } from "../forms.js";
import { navigate } from "../router.js";
import { mayWrite } from "../session.js";
import { empty } from "../states.js";
import { messageFields } from "./message_fields.js";
import { launchQuestion, startQuestion } from "./questions.js";
import { sendingFields } from "./sending_fields.js";
import { startFrom } from "./start.js";

const PERSONALIZATIONS = [
  { value: "gemini", label: "Gemini", hint: "Writes each person a text of their own from your message." },
  { value: "template", label: "Template", hint: "Sends your message as it is, with the fields filled in." },
];

const NOW = "now";

export function newCampaignPage({ me, signal }) {
  const page = el("div", { class: "page" }, heading("New campaign"));
  page.append(mayWrite(me) ? campaignForm({ me, signal }) : empty("You may read here, but not create campaigns."));
  return page;
}

function campaignForm({ me, signal }) {
  const audience = new AudienceEditor({ me, signal });
  const buttons = ENDINGS.map(({ label, kind }) => button(label, { kind, type: "submit" }));
  const form = el(
    "form",
    { class: "stack", novalidate: true },
    el("div", { class: "panel" }, field({ label: "Campaign name", name: "name", autocomplete: "off" })),
    part("Audience", audience.element),
    part("Message", messageFields(), personalization()),
    part("Sending", sendingFields()),
    formError(),
    el("div", { class: "actions" }, ...buttons),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const { work } = ENDINGS[buttons.indexOf(event.submitter)] ?? ENDINGS[0];
    busy(buttons, () => submit(form, audience, work)).catch((error) => showProblem(form, error));
  });
  return form;
}

const part = (title, ...children) =>
  el("section", { class: "panel", "aria-label": title }, el("h2", {}, title), ...children);

const personalization = () =>
  choice({ legend: "Personal texts by", name: "personalization", options: PERSONALIZATIONS, chosen: "gemini" });

/** The ways to end the form; pressing Enter in a field is the first one. */
const ENDINGS = [
  { label: "Create draft", work: (form, audience) => create(form, audience) },
  { label: "Create and schedule", work: (form, audience) => createAndStart(form, audience, askWhen) },
  { label: "Create and launch", kind: "primary", work: (form, audience) => createAndStart(form, audience, askWhether) },
];

async function submit(form, audience, work) {
  clearProblem(form);
  if (audience.rule()) await work(form, audience);
  else audience.showMissing();
}

/** `askStart` answers the start: an ISO time, `NOW`, or null if the reader chose not to. */
async function createAndStart(form, audience, askStart) {
  const start = await askStart(audience.rule());
  if (start) await create(form, audience, start);
}

const askWhether = async (rule) => ask({ ...(await launchQuestion(rule)), work: async () => NOW });

const askWhen = async (rule) => ask({ ...(await startQuestion(rule)), work: async (form) => startFrom(form) });

async function create(form, audience, start) {
  const { id } = await campaigns.create(settings(form, audience));
  navigate(`/campaigns/${id}`, { notice: start && (await startProblem(id, start)) });
}

/** Starts it, and says what went wrong, if anything did: the campaign is a draft then, and its page can try again. */
async function startProblem(id, start) {
  try {
    await campaigns.launch(id, start === NOW ? undefined : start);
    return null;
  } catch (error) {
    return `The campaign was created, but not ${start === NOW ? "launched" : "scheduled"}: ${error.message}`;
  }
}

function settings(form, audience) {
  const data = new FormData(form);
  const perMinute = data.get("per_minute").trim();
  return {
    name: data.get("name"),
    ...audience.choice(),
    message: { subject: data.get("message.subject"), body: data.get("message.body") },
    personalization: data.get("personalization"),
    vendor: data.get("vendor"),
    per_minute: perMinute ? numberFrom(perMinute) : null,
  };
}
