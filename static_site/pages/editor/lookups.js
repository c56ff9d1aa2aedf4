/** What the steps of the editor ask the server for. */

import { campaigns, topics, vendors } from "../../api.js";
import { textAsked, textNamed } from "../../data/message_texts.js";
import { useResource } from "../../data/resource.js";

/** @returns {import("../../data/resource.js").Resource<Api.Vendor[]>} */
export const useVendors = () => useResource("/api/vendors", async (signal) => (await vendors.list(signal)).items);

/** @returns {import("../../data/resource.js").Resource<Api.Topic[]>} */
export const useTopics = () => useResource("/api/topics list", async (signal) => (await topics.list(signal)).items);

/**
 * Whether the person sees the subject of a message.
 *
 * @param {Api.Vendor[] | undefined} items
 * @param {string} channel
 */
export function hasSubject(items, channel) {
  const known = items?.flatMap(({ channels }) => channels).find(({ name }) => name === channel);
  return known?.has_subject ?? channel === "email";
}

/**
 * The saved message for real people of the saved audience.
 *
 * @param {import("./use_draft.js").Draft} draft
 * @param {string} [seed] Another one chooses other people.
 * @returns {import("../../data/resource.js").Resource<Api.MessagePreview>}
 */
export function useMessagePreview({ id, saved, text: shown }, seed = "") {
  const { message, mode, text, segment_id: segment, channel } = saved;
  const language = textAsked(message, shown.name);
  const content = JSON.stringify([seed, message, mode, text, segment, channel, language]);
  const { subject, body } = textNamed(message, shown.name).text;
  const isWritten = subject.trim() || body.trim();
  return useResource(
    id && isWritten ? `preview ${id} ${content}` : null,
    (signal) => campaigns.previewMessage(/** @type {string} */ (id), { seed, message, people: 2, language }, signal),
    { keep: true },
  );
}

/**
 * The checklist of the draft as it is saved.
 *
 * @param {import("./use_draft.js").Draft} draft
 * @returns {import("../../data/resource.js").Resource<Api.Checklist>}
 */
export function useChecklist({ id, saved }) {
  const key = id ? `checklist ${id} ${JSON.stringify(saved)}` : null;
  return useResource(key, (signal) => campaigns.checklist(/** @type {string} */ (id), signal), { keep: true });
}

/**
 * The languages of the saved audience.
 *
 * @param {import("./use_draft.js").Draft} draft
 * @returns {import("../../data/resource.js").Resource<Api.MessageLanguages>}
 */
export function useLanguages({ id, saved }) {
  const { mode, text, segment_id: segment, channel, topic, frequency_cap: cap, holdout_percent: holdout } = saved;
  const key = id ? `languages ${id} ${JSON.stringify([mode, text, segment, channel, topic, cap, holdout])}` : null;
  return useResource(key, (signal) => campaigns.languages(/** @type {string} */ (id), signal), { keep: true });
}
