/** Why messages failed and why people were skipped, each with a way to see the people. */

import { html } from "../../html.js";
import { useQuery } from "../../router.js";
import { number, share } from "../../texts/format.js";
import { texts } from "../../texts.js";
import { Button, Card } from "../../ui/basic.js";
import { PEOPLE_DEFAULTS } from "./people.js";
import { causeText } from "./standing.js";

/** @typedef {{reason: string, label: string, detail: string | null, count: number}} Reason */

/** @param {{statistics: Api.Statistics}} props */
export function ReasonCards({ statistics }) {
  const t = texts("campaign");
  const failed = failedReasons(t, statistics);
  const skipped = skippedReasons(t, statistics);
  if (!(failed.length || skipped.length)) return null;
  return html`<div class="two-columns even">
    ${failed.length > 0 && html`<${Reasons} title=${t.reasons.failed()} state="failed" reasons=${failed} total=${statistics.failed} />`}
    ${skipped.length > 0 && html`<${Reasons} title=${t.reasons.skipped()} state="skipped" reasons=${skipped} total=${statistics.skipped} />`}
  </div>`;
}

/**
 * @param {Ui.Texts["campaign"]} t
 * @param {Pick<Api.Statistics, "failed_reasons">} statistics
 * @returns {Reason[]}
 */
export const failedReasons = (t, { failed_reasons: reasons }) =>
  reasons
    .filter(({ count }) => count > 0)
    .map(({ code, reason, count }) => {
      const label = causeText(t, code, reason);
      return { reason, label, detail: label === reason ? null : reason, count };
    });

/**
 * The most frequent first.
 *
 * @param {Ui.Texts["campaign"]} t
 * @param {Pick<Api.Statistics, "skipped_reasons">} statistics
 * @returns {Reason[]}
 */
export const skippedReasons = (t, { skipped_reasons: reasons }) =>
  Object.entries(reasons)
    .filter(([, count]) => count > 0)
    .sort(([, one], [, other]) => other - one)
    .map(([reason, count]) => ({ reason, label: causeText(t, reason), detail: null, count }));

/** @param {{title: string, state: "failed" | "skipped", reasons: Reason[], total: number}} props */
function Reasons({ title, state, reasons, total }) {
  const t = texts("campaign");
  const [, setQuery] = useQuery(PEOPLE_DEFAULTS);
  /** @param {string} reason */
  const show = (reason) => {
    setQuery({ state, reason, search: "" }, { push: true });
    const people = document.getElementById("people");
    people?.scrollIntoView({ block: "start" });
    people?.focus({ preventScroll: true });
  };
  return html`<${Card} title=${title}>
    <ul class="reason-list">
      ${reasons.map(
        ({ reason, label, detail, count }) => html`<li key=${reason}>
          <span class="reason-text"><span class="sentence">${label}</span>${detail && html`<bdi class="muted">${detail}</bdi>`}</span>
          <span class="reason-count"><strong>${number(count)}</strong> <span class="muted">${share(count, total)}</span></span>
          <${Button} isSmall aria-label=${t.reasons.showLabel(label)} onClick=${() => show(reason)}>${t.reasons.show()}<//>
        </li>`,
      )}
    </ul>
  <//>`;
}
