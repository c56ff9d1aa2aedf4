/** The start time of a scheduled campaign, in the reader's time zone. */

import { ApiError, campaigns } from "../../api.js";
import { useForm } from "../../data/form.js";
import { mutate } from "../../data/resource.js";
import { html } from "../../html.js";
import { texts } from "../../texts.js";
import { Field, FormEnd } from "../../ui/fields.js";
import { Dialog } from "../../ui/overlays.js";

const HOUR = 60 * 60 * 1000;

/** @param {{campaign: Api.Campaign, onClose: () => unknown}} props */
export function StartDialog({ campaign: { id, start_at: start }, onClose }) {
  const t = texts("campaign").scheduling;
  const form = useForm({
    initial: { at: inputValue(start ? new Date(start) : nextHour()) },
    save: async ({ at }) => {
      await mutate(() => campaigns.launch(id, startTime(at)), "/api/campaigns");
      onClose();
    },
  });
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  return html`<${Dialog} title=${t.title()} onClose=${onClose}>
    <form ...${form.props}>
      <${Field} label=${t.field()} type="datetime-local" hint=${t.hint(timeZone)} min=${inputValue(new Date())} ...${form.bind("at")} />
      <${FormEnd} form=${form} submit=${t.save()} onCancel=${onClose} />
    </form>
  <//>`;
}

const nextHour = (now = Date.now()) => new Date((Math.floor(now / HOUR) + 1) * HOUR);

/**
 * A time as a datetime-local input has it: `2026-11-23T10:00`.
 *
 * @param {Date} date
 */
export const inputValue = (date) =>
  new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);

/**
 * The ISO time of an input. One that is not in the future is an error of the field: the server would launch at once.
 *
 * @param {string} value
 */
export function startTime(value, now = Date.now()) {
  const at = new Date(value);
  if (at.getTime() > now) return at.toISOString();
  const message = texts("campaign").scheduling.future();
  throw new ApiError({ status: 422, errors: [{ field: "at", code: "past", message }] });
}
