/** What the steps of the editor ask the server for. */

import { campaigns, topics, vendors } from "../../api.js";
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
export function useMessagePreview({ id, saved }, seed = "") {
  const { message, mode, text, segment_id: segment, channel } = saved;
  const content = JSON.stringify([seed, message, mode, text, segment, channel]);
  const isWritten = message.subject.trim() || message.body.trim();
  return useResource(
    id && isWritten ? `preview ${id} ${content}` : null,
    (signal) => campaigns.previewMessage(/** @type {string} */ (id), { seed, message, people: 2 }, signal),
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
