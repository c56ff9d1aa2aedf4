/** What a campaign would cost, how long it would take, and who lacks a field, before it is launched. */

import { campaigns } from "../../api.js";
import { allFields } from "../../data/fields.js";
import { useResource } from "../../data/resource.js";
import { html } from "../../html.js";
import { dateTime, number, roundMoney } from "../../texts/format.js";
import { texts } from "../../texts.js";
import { Icon, Notice } from "../../ui/basic.js";
import { hasDefault } from "./draft.js";

/**
 * The estimate of the saved draft; none while it has no valid audience.
 *
 * @param {import("./use_draft.js").Draft} draft
 * @returns {import("../../data/resource.js").Resource<Api.Estimate>}
 */
export function useEstimate({ id, saved, start }) {
  const hasAudience = saved.mode === "segment" ? saved.segment_id : saved.text.trim();
  const key =
    id && hasAudience && saved.message.body.trim()
      ? `estimate ${id} ${start.iso ?? ""} ${JSON.stringify(saved)}`
      : null;
  return useResource(key, (signal) => campaigns.estimate(/** @type {string} */ (id), start.iso, signal), {
    keep: true,
  });
}

/**
 * An amount that is only about right: nobody needs its hundredths.
 *
 * @param {number} cost
 * @param {string} currency
 */
export function costText(cost, currency) {
  const { estimate: t } = texts("editor");
  return cost < 1 ? t.under(roundMoney(1, currency)) : t.about(roundMoney(cost, currency));
}

/** @param {Api.Estimate} estimate */
export function geminiText({ gemini, currency }) {
  const { estimate: t } = texts("editor");
  if (!gemini) return t.noGemini();
  const calls = t.calls(gemini.calls, number(gemini.input_tokens + gemini.output_tokens));
  return gemini.cost === null ? calls : `${costText(gemini.cost, currency)} (${calls})`;
}

/** @param {NonNullable<Api.Estimate["segments"]>} segments */
export const segmentsText = ({ total, most }) => texts("editor").estimate.segments(number(total), most);

/** @param {Api.Estimate} estimate */
export function durationText({ seconds, per_minute: rate }) {
  const { estimate: t } = texts("editor");
  const { doneIn } = texts("editor").sending;
  return seconds === null || rate === null ? t.noRate() : t.atRate(number(rate), doneIn(Math.ceil(seconds / 60)));
}

/**
 * How many wait for the clock where they are, and when everybody has got the message: one sentence each.
 *
 * @param {Api.Estimate} estimate
 */
export function waitingTexts({ waiting: { people, done_at: end } }) {
  const { estimate: t } = texts("editor");
  const waits = people.map(({ reason, count, until }) => t.waits[reason](count, dateTime(until)));
  return waits.length ? [...waits, t.doneAt(dateTime(end))] : [];
}

/** @param {{draft: import("./use_draft.js").Draft}} props */
export function EstimateLine({ draft }) {
  const { data } = useEstimate(draft);
  const { estimate: t } = texts("editor");
  const lines = [
    data?.gemini && t.line(geminiText(data)),
    data?.segments && t.smsLine(segmentsText(data.segments)),
    ...(data ? waitingTexts(data) : []),
  ];
  const text = lines.filter(Boolean).join(" ");
  return (
    text && html`<p class="estimate-line" role="status"><${Icon} name="info" size=${16} /> <span>${text}</span></p>`
  );
}

/** @param {{draft: import("./use_draft.js").Draft, estimate: Api.Estimate | undefined}} props */
export function MissingNotice({ draft, estimate }) {
  const t = texts("editor");
  const { message } = draft.form.values;
  const open = estimate?.missing.filter(({ field }) => !hasDefault(message, field)) ?? [];
  /** @param {string} field */
  const label = (field) => allFields().find(({ name }) => name === field)?.label ?? field;
  if (!open.length) return null;
  return html`<${Notice} tone="warn">${open
    .map(({ field, count }) => t.message.lack(number(count), count, label(field)))
    .join(" ")}<//>`;
}
