/** Lets an admin lift the suppression of an address. */

import { suppressions } from "../../api.js";
import { mutate } from "../../data/resource.js";
import { texts } from "../../texts.js";
import { toast } from "../../ui/basic.js";
import { askFor } from "../../ui/overlays.js";
import { reasonText } from "./reason.js";

/**
 * Asks why, and lifts.
 *
 * @param {{kind: string, address: string, reason: string}} suppressed
 */
export async function lift({ kind, address, reason: lifts }) {
  const t = texts("people").suppressions;
  const reason = await askFor({
    title: t.liftTitle(address),
    text: t.liftText(),
    confirm: t.lift(),
    label: t.liftReason(),
  });
  if (!reason) return;
  const lifting = () => suppressions.lift({ [kind]: address, reason, lifts });
  const { remaining } = await mutate(lifting, "/api/suppressions", "/api/customers");
  toast(remaining ? t.stillSuppressed(address, reasonText(remaining.reason)) : t.lifted(address));
}
