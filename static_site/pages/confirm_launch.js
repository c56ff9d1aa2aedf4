/** A launch can't be taken back, so it is asked about, with the number of people who match at this moment. */

import { segments } from "../api.js";
import { ask } from "../dialog.js";
import { el } from "../dom.js";
import { plural } from "../format.js";

/** True if the reader wants to launch to the people that `rule` (`{text}` or `{rules}`) reaches. */
export async function confirmLaunch(rule) {
  const { count, words } = await segments.preview(rule);
  const content = [
    el("p", {}, "It writes to ", el("strong", {}, plural(count, "customer")), " at once and can't be taken back."),
    el("p", { class: "words" }, words),
  ];
  return ask({ title: "Launch this campaign?", content, confirm: "Launch now", work: async () => true });
}
