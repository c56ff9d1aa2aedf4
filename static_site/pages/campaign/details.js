/** The message and the settings of a campaign. */

import { DEFAULT_TEXT, hasLanguages, textNamed, textOptions } from "../../data/message_texts.js";
import { html, useState } from "../../html.js";
import { dateTime } from "../../texts/format.js";
import { texts } from "../../texts.js";
import { Card } from "../../ui/basic.js";
import { Tabs } from "../../ui/table.js";
import { TextOrMail } from "./mail_page.js";

/** @param {{campaign: Api.Campaign}} props */
export function DetailsCard({ campaign }) {
  const { details: t } = texts("campaign");
  return html`<${Card} title=${t.title()}>
    <${MessageTexts} campaign=${campaign} />
    <dl class="details-list">
      ${facts(campaign).map(([label, value]) => html`<div key=${label}><dt>${label}</dt><dd class="sentence"><bdi class="user-text">${value}</bdi></dd></div>`)}
    </dl>
  <//>`;
}

/**
 * The text of each language, as tabs if there are several.
 *
 * @param {{campaign: Api.Campaign}} props
 */
function MessageTexts({ campaign }) {
  const { message } = campaign;
  const [shown, show] = useState(DEFAULT_TEXT);
  const { name, text } = textNamed(message, shown);
  const { subject, body, preview } = text;
  if (!(hasLanguages(message) || subject || body)) return null;
  return html`${
    hasLanguages(message) &&
    html`<${Tabs} label=${texts("campaign").details.languages()} value=${name} onChange=${show} items=${textOptions(message)} />`
  }
    <${TextOrMail} text=${{ ...text, language: name }} settings=${campaign}>
      <div class="message-text" lang=${name === DEFAULT_TEXT ? undefined : name}>
        ${subject && html`<p class="user-text"><strong><bdi>${subject}</bdi></strong></p>`}
        ${preview && html`<p class="user-text muted"><bdi>${preview}</bdi></p>`}
        <p class="user-text"><bdi>${body}</bdi></p>
      </div>
    <//>`;
}

/**
 * A setting that is 0 or missing is not shown.
 *
 * @param {number | null | undefined} value
 * @param {(value: number) => string} words
 */
const inWords = (value, words) => (value ? words(value) : undefined);

/**
 * Midnight is an hour, too.
 *
 * @param {number | null | undefined} hour
 */
const hourInWords = (hour) => (typeof hour === "number" ? texts("campaign").details.hour(hour) : undefined);

/** @param {Api.Campaign} campaign */
function writerOf({ personalization, style }) {
  const { details: t } = texts("campaign");
  if (personalization !== "gemini") return t.template();
  return style?.writing === "sentences" ? t.sentences() : t.gemini();
}

/** @param {Api.Campaign} campaign */
const topicOf = ({ topic }) => topic ?? undefined;

/**
 * @param {Api.Campaign} campaign
 * @returns {[string, string][]}
 */
function facts(campaign) {
  const { details: t } = texts("campaign");
  const {
    rule,
    channel,
    vendor,
    per_minute: pace,
    quiet_hours: quiet,
    local_hour: hour,
    frequency_cap: cap,
    holdout_percent: holdout,
    tracking,
    conversion_days: days,
    launched_at: launched,
    audience_at: chosen,
    approved_by: approver,
    approved_at: approved,
  } = campaign;
  /** @type {[string, string | undefined][]} */
  const all = [
    [t.audience(), rule?.description],
    [t.audienceAt(), chosen ? dateTime(chosen) : undefined],
    [t.channel(), t.channels[channel]?.() ?? channel],
    [t.topic(), topicOf(campaign)],
    [t.vendor(), t.vendors[vendor]?.() ?? vendor],
    [t.pace(), pace ? t.perMinute(pace) : t.noLimit()],
    [t.quietHours(), quiet ?? undefined],
    [t.tracking(), trackingText(tracking)],
    [t.localHour(), hourInWords(hour)],
    [t.frequencyCap(), cap ?? undefined],
    [t.conversionDays(), inWords(days, t.days)],
    [t.holdout(), inWords(holdout, t.percent)],
    [t.text(), writerOf(campaign)],
    [t.created(), t.moment(dateTime(campaign.created_at), campaign.created_by)],
    [t.approved(), approved && approver ? t.moment(dateTime(approved), approver) : undefined],
    [t.launched(), launched ? t.moment(dateTime(launched), campaign.launched_by) : undefined],
  ];
  return all.flatMap(([label, value]) => (value ? [[label, value]] : []));
}

/**
 * Nothing if the settings of this Herald decide.
 *
 * @param {Api.TrackingChoice} [tracking]
 */
function trackingText(tracking) {
  const { details: t } = texts("campaign");
  if (typeof tracking?.enabled !== "boolean") return undefined;
  return tracking.enabled ? t.tracked() : t.notTracked();
}
