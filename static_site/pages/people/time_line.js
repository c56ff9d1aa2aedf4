/** What a person did and what Herald wrote to them, the latest first. */

import { html } from "../../html.js";
import { money } from "../../texts/format.js";
import { texts } from "../../texts.js";
import { Badge, Card, Empty, Icon, Time } from "../../ui/basic.js";
import { timeLine } from "./person.js";

/** @param {{person: Api.CustomerDetails, currency: string}} props */
export function TimeLine({ person, currency }) {
  const { line: t } = texts("people");
  const entries = timeLine(person);
  if (!entries.length) {
    return html`<${Card} title=${t.title()}><${Empty} icon="bars" title=${t.empty.title()} text=${t.empty.text()} /><//>`;
  }
  return html`<${Card} title=${t.title()}>
    <ol class="time-line">
      ${entries.map(
        ({ id, message, activity }) => html`<li key=${id}>
          ${message && html`<${Message} message=${message} />`}
          ${activity && html`<${Activity} activity=${activity} currency=${currency} />`}
        </li>`,
      )}
    </ol>
    ${entries.length >= 100 && html`<p class="form-hint">${t.newest()}</p>`}
  <//>`;
}

/** @param {{activity: Api.Activity, currency: string}} props */
function Activity({ activity: { type, at, amount }, currency }) {
  const { line: t } = texts("people");
  return html`<div class="time-line-head">
    <${Icon} name=${type === "visit" ? "people" : "bars"} size=${16} />
    <span class="time-line-title"><bdi>${t.types[type]?.() ?? type}</bdi>${amount !== null && ` ${money(amount, currency)}`}</span>
    <${Time} at=${at} />
  </div>`;
}

/** @param {{message: Api.CustomerMessage}} props */
function Message({ message }) {
  const { line: t } = texts("people");
  const { campaign, campaign_name: name, at, state, subject, body, to } = message;
  const reason = why(message);
  return html`
    <div class="time-line-head">
      <${Icon} name="send" size=${16} />
      <a class="time-line-title" href="/campaigns/${campaign}"><bdi>${name ?? t.message()}</bdi></a>
      <${Badge} state=${state} />
      <${Time} at=${at} />
    </div>
    ${reason && html`<p class="time-line-why">${reason}</p>`}
    ${body && html`<details><summary>${subject || t.text()}</summary>${to && html`<p class="form-hint"><bdi>${t.to(to)}</bdi></p>`}<p class="time-line-text">${body}</p></details>`}`;
}

/**
 * Why the message was not sent, or nobody knows whether it was, and whether Herald may try again; null if it was sent or waits.
 *
 * @param {Api.CustomerMessage} message
 */
function why({ state, reason, cause, retryable }) {
  if (state === "sent" || state === "pending") return null;
  const { line: t } = texts("people");
  if (state === "unknown")
    return cause === "no_report" ? t.unknown() : `${t.unknown()} ${causeSentence(cause, reason)}`;
  const sentence = causeSentence(cause, reason);
  return state === "failed" ? `${sentence} ${retryable ? t.retryable() : t.final()}` : sentence;
}

/**
 * @param {string | null} cause
 * @param {string | null} reason
 */
function causeSentence(cause, reason) {
  const code = cause && cause !== "rejected" ? cause : (reason ?? cause ?? "rejected");
  return texts("people").causes[code]?.() ?? `${code.replaceAll("_", " ")}.`;
}
