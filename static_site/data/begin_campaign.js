/** Begins a campaign for an audience that the reader is looking at. */

import { campaigns } from "../api.js";
import { navigate } from "../router.js";
import { mutate } from "./resource.js";

/**
 * Saves a draft for these people, and opens it in the editor.
 *
 * @param {{segment_id: string} | {text: string}} audience
 */
export async function beginCampaign(audience) {
  const { id } = await mutate(() => campaigns.createDraft(audience), "/api/campaigns");
  navigate(`/campaigns/${id}/edit`);
}
