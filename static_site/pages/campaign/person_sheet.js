/** One person in a campaign: why they got it or not, the text, the history, and the rule part by part. */

import { campaigns } from "../../api.js";
import { textName } from "../../data/message_texts.js";
import { useResource } from "../../data/resource.js";
import { html } from "../../html.js";
import { dateTime } from "../../texts/format.js";
import { texts } from "../../texts.js";
import { Badge, Button, Loaded } from "../../ui/basic.js";
import { Sheet } from "../../ui/overlays.js";
import { TextOrMail } from "./mail_page.js";
import { causeText, fallbackText } from "./standing.js";
import { factText, whySentences } from "./why.js";

/** @param {{campaign: Api.Campaign, customer: string, onClose: () => unknown}} props */
export function PersonSheet({ campaign, customer, onClose }) {
  const { id, launched_at: launched } = campaign;
  const t = texts("campaign");
  const found = useResource(`/api/campaigns/${id}/explanation/${customer}`, (signal) =>
    campaigns.explanation(id, customer, signal),
  );
  const name = found.data?.name ?? found.data?.message?.name ?? texts().person.noName();
  return html`<${Sheet} title=${found.data ? name : texts().loading()} onClose=${onClose}>
    <${Loaded} resource=${found} rows=${6}>
      ${(/** @type {Api.Explanation} */ explanation) => html`
        <${Why} sentences=${whySentences(t, explanation, Boolean(launched))} message=${explanation.message} />
        ${launched && html`<${MessageText} campaign=${campaign} message=${explanation.message} />`}
        ${explanation.message && explanation.message.history.length > 0 && html`<${History} events=${explanation.message.history} />`}
        ${explanation.parts.length > 0 && html`<${Parts} parts=${explanation.parts} />`}
        <div class="button-row"><${Button} isSmall icon="people" href=${`/customers/${encodeURIComponent(customer)}`}>${t.person.customer()}<//></div>`}
    <//>
  <//>`;
}

/** @param {{sentences: string[], message: Api.Message | null}} props */
function Why({ sentences: [first, ...others], message }) {
  return html`<div class="why-box" role="status">
    ${message && html`<${Badge} state=${message.state} />`}
    <p><strong>${first}</strong> ${others.join(" ")}</p>
  </div>`;
}

/** @param {{campaign: Api.Campaign, message: Api.Message | null}} props */
function MessageText({ campaign, message }) {
  const t = texts("campaign");
  if (!message?.body) return html`<p class="muted">${t.person.noText()}</p>`;
  const { subject, body, to, personalized_by: by, fallback, language } = message;
  return html`<section class="sheet-part">
    <h3>${t.person.text()}</h3>
    <${TextOrMail} text=${message} settings=${campaign}>
      <div class="message-text">
        ${to && html`<p class="muted"><bdi>${to}</bdi></p>`}
        ${subject && html`<p class="user-text"><strong><bdi>${subject}</bdi></strong></p>`}
        <p class="user-text"><bdi>${body}</bdi></p>
      </div>
    <//>
    ${fallback && html`<p class="muted">${t.person.fallback(fallbackText(t, fallback))}</p>`}
    ${language && html`<p class="muted">${t.person.language(textName(language))}</p>`}
    ${by === "gemini" && html`<p class="muted">${t.gemini.byGemini()}</p>`}
  </section>`;
}

/** @param {{events: Api.MessageEvent[]}} props */
function History({ events }) {
  const t = texts("campaign");
  return html`<section class="sheet-part">
    <h3>${t.person.history()}</h3>
    <ol class="history-list">${events.map(
      (event, index) => html`<li key=${index}>
      <time datetime=${event.at}>${dateTime(event.at)}</time><span>${eventText(t, event)}</span>
    </li>`,
    )}</ol>
  </section>`;
}

/**
 * One line of the history. What opens another attempt repeats the reason of the one before it, so the reason is left out.
 *
 * @param {Ui.Texts["campaign"]} t
 * @param {Api.MessageEvent} event
 */
export function eventText(t, { kind, attempt, reason }) {
  const name = kind in t.kinds ? t.kinds[/** @type {Api.Outcome} */ (kind)]() : kind;
  const why = reason && kind !== "retried" && kind !== "corrected" && causeText(t, reason);
  return [name, attempt > 1 && t.person.attempt(attempt), why].filter(Boolean).join(" · ");
}

/** @param {{parts: Api.Explanation["parts"]}} props */
function Parts({ parts }) {
  const t = texts("campaign");
  return html`<section class="sheet-part">
    <h3>${t.person.rule()}</h3>
    <table class="plain-table">
      <caption class="visually-hidden">${t.person.rule()}</caption>
      <thead><tr><th scope="col">${t.person.part()}</th><th scope="col">${t.person.matches()}</th><th scope="col">${t.person.value()}</th></tr></thead>
      <tbody>${parts.map(
        ({ path, words, matches, value }) => html`<tr key=${path}>
          <th scope="row">${words}</th><td>${matches ? t.person.yes() : t.person.no()}</td>
          <td><bdi class="user-text">${factText(t, value)}</bdi></td>
        </tr>`,
      )}</tbody>
    </table>
  </section>`;
}
