/** A goal in words becomes a draft: its audience, three messages to choose from, and a time. Nothing is sent by it. */

import { assist, campaigns } from "../../api.js";
import { fieldNamed } from "../../data/fields.js";
import { useFields } from "../../data/use_fields.js";
import { html, useRef, useState } from "../../html.js";
import { navigate } from "../../router.js";
import { dateTime } from "../../texts/format.js";
import { texts } from "../../texts.js";
import { Button, Card, Notice, PageHeader, runAction } from "../../ui/basic.js";
import { Field } from "../../ui/fields.js";

const MIN_LENGTH = 10;

export default function PlanPage() {
  const t = texts("plan");
  const [goal, setGoal] = useState("");
  const [plan, setPlan] = useState(/** @type {Api.CampaignPlan | null} */ (null));
  const isLongEnough = goal.trim().length >= MIN_LENGTH;
  const key = useRef({ goal: "", id: "" });
  const ask = async () => {
    // a repetition after a lost answer finds the same draft
    if (key.current.goal !== goal.trim() || plan) key.current = { goal: goal.trim(), id: crypto.randomUUID() };
    setPlan(await assist.plan(goal.trim(), key.current.id));
  };
  /** @param {SubmitEvent} event */
  const onSubmit = (event) => {
    event.preventDefault();
    if (isLongEnough) runAction(ask);
  };
  return html`<div class="view">
    <${PageHeader} title=${t.title()} lead=${t.lead()} back=${{ href: "/campaigns", label: t.all() }} />
    <${Card} label=${t.goal()}>
      <form class="stack-view" onSubmit=${onSubmit}>
        <${Field} label=${t.goal()} hint=${t.hint()} isMultiline rows="4" maxlength="1000" placeholder=${t.placeholder()} value=${goal} onChange=${setGoal} />
        <div><${Button} kind="primary" icon="edit" disabled=${!isLongEnough} onClick=${ask}>${plan ? t.again() : t.ask()}<//></div>
      </form>
    <//>
    <div role="status" class="stack-view">${plan && html`<${Answer} key=${plan.campaign?.id ?? "questions"} plan=${plan} />`}</div>
  </div>`;
}

/** @param {{plan: Api.CampaignPlan}} props */
function Answer({ plan: { campaign, audience, ...rest } }) {
  const t = texts("plan");
  const { words } = texts("audience");
  if (!campaign)
    return html`<${Notice} tone="warn" title=${t.unclear()}>
      <ul>${audience.questions.map(({ code, about }) => html`<li key=${code + about}>${words.questions[code](about)}</li>`)}</ul>
      <p>${t.unclearHint()}</p>
    <//>`;
  return html`<${Audience} audience=${audience} /><${Messages} campaign=${campaign} ...${rest} />`;
}

/** @param {{audience: Api.AssistedRule}} props */
function Audience({ audience: { rule, count, notes } }) {
  const t = texts("plan");
  const { words } = texts("audience");
  useFields(); // for the labels of the notes
  return html`<${Card} title=${t.audience(count ?? 0)}>
    <p class="sentence">${rule?.description}</p>
    ${notes.map(({ code, field }) => html`<p key=${code + field} class="muted">${words.notes[code](fieldNamed(field)?.label ?? field)}</p>`)}
  <//>`;
}

/** @param {Pick<Api.CampaignPlan, "messages" | "refused" | "send_at" | "send_at_reason"> & {campaign: Api.Campaign}} props */
function Messages({ campaign, messages, refused, send_at: at, send_at_reason: reason }) {
  const t = texts("plan");
  const [chosen, setChosen] = useState(messages[0]?.angle);
  const open = async () => {
    const message = messages.find(({ angle }) => angle === chosen)?.message;
    if (message && chosen !== messages[0]?.angle) await campaigns.saveDraft(campaign.id, { message });
    navigate(`/campaigns/${campaign.id}/edit`);
  };
  return html`<${Card} title=${t.messages()}>
    <div class="stack-view">
      ${messages.length ? html`<p class="muted">${t.messagesHint()}</p>` : html`<p>${t.noMessage()}</p>`}
      <fieldset class="plan-messages" aria-label=${t.messages()}>
        ${messages.map(
          ({ angle, message }) => html`<label key=${angle} class="plan-message">
            <span class="plan-angle">
              <input type="radio" name="angle" value=${angle} checked=${angle === chosen} onChange=${() => setChosen(angle)} />
              <b>${t.angles[angle]()}</b>
            </span>
            <span class="message-bubble">
              ${message.subject && html`<span class="message-subject user-text">${message.subject}</span>`}
              <span class="user-text">${message.body}</span>
            </span>
          </label>`,
        )}
      </fieldset>
      ${refused.length > 0 && html`<p class="form-hint">${t.refused(refused.length)}</p>`}
      ${at && reason && html`<p>${t.time[reason](dateTime(at))}</p>`}
      <div><${Button} kind="primary" onClick=${open}>${t.open()}<//></div>
    </div>
  <//>`;
}
