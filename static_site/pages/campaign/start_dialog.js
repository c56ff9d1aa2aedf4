/** The start time of a scheduled campaign, in the reader's time zone. */

import { ApiError, campaigns } from "../../api.js";
import { useForm } from "../../data/form.js";
import { mutate } from "../../data/resource.js";
import { nextHour, toInputTime, zoneName } from "../../data/start_time.js";
import { html } from "../../html.js";
import { texts } from "../../texts.js";
import { Field, FormEnd } from "../../ui/fields.js";
import { Dialog } from "../../ui/overlays.js";

/** @param {{campaign: Api.Campaign, onClose: () => unknown}} props */
export function StartDialog({ campaign: { id, start_at: start }, onClose }) {
  const t = texts("campaign").scheduling;
  const form = useForm({
    initial: { at: toInputTime(start ? new Date(start) : nextHour(new Date())) },
    save: async ({ at }) => {
      await mutate(() => campaigns.launch(id, startTime(at)), "/api/campaigns");
      onClose();
    },
  });
  return html`<${Dialog} title=${t.title()} onClose=${onClose}>
    <form ...${form.props}>
      <${Field} label=${t.field()} type="datetime-local" hint=${t.hint(zoneName())} min=${toInputTime(new Date())} ...${form.bind("at")} />
      <${FormEnd} form=${form} submit=${t.save()} onCancel=${onClose} />
    </form>
  <//>`;
}

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
