/** Creating a campaign: who it is for, what it says. */

import { campaigns } from "../api.js";
import { AudienceEditor } from "../audience/editor.js";
import { el, heading } from "../dom.js";
import { busy, button, choice, clearProblem, field, formError, showProblem } from "../forms.js";
import { navigate } from "../router.js";
import { mayWrite } from "../session.js";
import { empty } from "../states.js";
import { confirmLaunch } from "./confirm_launch.js";
import { messageFields } from "./message_fields.js";

const PERSONALIZATIONS = [
  { value: "gemini", label: "Gemini", hint: "Writes each person a text of their own from your message." },
  { value: "template", label: "Template", hint: "Sends your message as it is, with the fields filled in." },
];

export function newCampaignPage({ me, signal }) {
  const page = el("div", { class: "page" }, heading("New campaign"));
  page.append(mayWrite(me) ? campaignForm({ me, signal }) : empty("You may read here, but not create campaigns."));
  return page;
}

function campaignForm({ me, signal }) {
  const audience = new AudienceEditor({ me, signal });
  const draft = button("Create draft", { type: "submit" });
  const launching = button("Create and launch", { kind: "primary", type: "submit" });
  const form = el(
    "form",
    { class: "stack", novalidate: true },
    el("div", { class: "panel" }, field({ label: "Campaign name", name: "name", autocomplete: "off" })),
    part("Audience", audience.element),
    part("Message", messageFields(), personalization()),
    formError(),
    el("div", { class: "actions" }, draft, launching),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const work = event.submitter === launching ? createAndLaunch : createDraft;
    busy([draft, launching], () => submit(form, audience, work)).catch((error) => showProblem(form, error));
  });
  return form;
}

const part = (title, ...children) =>
  el("section", { class: "panel", "aria-label": title }, el("h2", {}, title), ...children);

const personalization = () =>
  choice({ legend: "Personal texts by", name: "personalization", options: PERSONALIZATIONS, chosen: "gemini" });

async function submit(form, audience, work) {
  clearProblem(form);
  if (audience.rule()) await work(form, audience);
  else audience.showMissing();
}

async function createDraft(form, audience) {
  const { id } = await campaigns.create(settings(form, audience));
  navigate(`/campaigns/${id}`);
}

async function createAndLaunch(form, audience) {
  if (!(await confirmLaunch(audience.rule()))) return;
  const { id } = await campaigns.create(settings(form, audience));
  navigate(`/campaigns/${id}`, { notice: await launchProblem(id) });
}

/** Launches, and says what went wrong, if anything did: the campaign is a draft then, and its page can try again. */
async function launchProblem(id) {
  try {
    await campaigns.launch(id);
    return null;
  } catch (error) {
    return `The campaign was created, but not launched: ${error.message}`;
  }
}

function settings(form, audience) {
  const data = new FormData(form);
  return {
    name: data.get("name"),
    ...audience.choice(),
    message: { subject: data.get("message.subject"), body: data.get("message.body") },
    personalization: data.get("personalization"),
  };
}
