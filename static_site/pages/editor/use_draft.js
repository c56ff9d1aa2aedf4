/** The draft of the editor: saved by itself from the first key, with an address of its own as soon as it exists. */

import { ApiError, campaigns } from "../../api.js";
import { useForm, valueAt } from "../../data/form.js";
import { DEFAULT_TEXT, textNamed } from "../../data/message_texts.js";
import { invalidate, setResource } from "../../data/resource.js";
import { useEffect, useRef, useState } from "../../html.js";
import { renamePage } from "../../router.js";
import { settingsFrom } from "./draft.js";
import { useStart } from "./use_start.js";

const AUTOSAVE = 600;
const RETRY = 5000;

/**
 * @typedef {import("./draft.js").DraftValues} DraftValues
 * @typedef {import("./draft.js").TextValues} TextValues
 */

/**
 * `id` is null until the draft exists. `form` is that of `useForm`. `saved` are the values that the server has.
 * `save()` saves what is not saved yet, and returns whether all is saved. `text` is the text of the message that the
 * editor shows, `changeText` changes it, and `showText(name)` shows another one.
 *
 * @param {{id: string | null, initial: DraftValues}} options
 */
export function useDraft({ id: known, initial }) {
  const [id, setId] = useState(known);
  const [saved, setSaved] = useState(initial);
  const current = useRef(known);
  const form = useForm({
    initial,
    autosave: AUTOSAVE,
    copy: `campaign ${id ?? "new"}`,
    save: async (values) => {
      const settings = settingsFrom(/** @type {DraftValues} */ (values));
      if (current.current) return campaigns.saveDraft(current.current, settings);
      const campaign = await campaigns.createDraft(settings);
      current.current = campaign.id;
      return campaign;
    },
    onSaved: (campaign, values) => {
      setResource(`/api/campaigns/${campaign.id}`, campaign);
      invalidate("/api/campaigns?", "/api/campaigns/overview");
      setSaved(/** @type {DraftValues} */ (values));
      if (!id) renamePage(`/campaigns/${campaign.id}/edit`);
      setId(campaign.id);
    },
  });
  const hasFailed = form.isDirty && !form.isSaving && Boolean(form.errors[""]);
  useRetry(hasFailed, form.saveQuietly);
  const save = async () => (form.isDirty || !current.current ? form.submit() : true);
  const start = useStart(id);
  const [shown, showText] = useState(DEFAULT_TEXT);
  const text = textNamed(/** @type {DraftValues} */ (form.values).message, shown);
  /** @param {(before: TextValues) => TextValues} change */
  const changeText = (change) => form.set(text.path, change(valueAt(form.values, text.path)));
  const currentId = () => current.current ?? "";
  return { id, currentId, form, saved, hasFailed, save, start, text, showText, changeText };
}

/** @typedef {ReturnType<typeof useDraft>} Draft */

/**
 * Saves again when the server may be reachable again.
 *
 * @param {boolean} hasFailed
 * @param {() => Promise<boolean>} save
 */
function useRetry(hasFailed, save) {
  useEffect(() => {
    if (!hasFailed) return;
    const timer = setInterval(save, RETRY);
    addEventListener("online", save);
    return () => {
      clearInterval(timer);
      removeEventListener("online", save);
    };
  }, [hasFailed]);
}

/**
 * The errors of the checklist as an error of the form, so that each is shown at its field.
 *
 * @param {Api.ChecklistItem[]} items
 * @param {DraftValues["mode"]} mode
 * @param {(error: Api.FieldError) => string} toText
 */
export function checklistError(items, mode, toText) {
  const audienceField = mode === "segment" ? "segment_id" : "text";
  const errors = items
    .flatMap((item) => item.errors)
    .map((error) => {
      const field = error.field === "audience" || error.field === "rules" ? audienceField : error.field;
      return { field, code: "", message: toText(error) };
    });
  return errors.length ? new ApiError({ status: 422, code: "invalid", errors }) : null;
}
