/** The progress of a campaign: a ring with its table, and what waits. */

import { OUTCOMES, outcomesIn } from "../../api.js";
import { onSchemeChange, release } from "../../charts/canvas.js";
import { draw } from "../../charts/outcome.js";
import { html, useEffect, useRef } from "../../html.js";
import { number, share } from "../../texts/format.js";
import { texts } from "../../texts.js";
import { announce, Card } from "../../ui/basic.js";
import { progressShare, waitingTexts } from "./standing.js";

/** @param {{campaign: Api.Campaign, statistics: Api.Statistics}} props */
export function ProgressCard({ campaign, statistics }) {
  const t = texts("campaign");
  const waiting = waitingTexts(t, campaign, statistics.deferred);
  useAnnouncedQuarters(statistics);
  return html`<${Card} title=${t.progress.title()}>
    <div class="progress-columns">
      <${Ring} state=${campaign.state} statistics=${statistics} />
      <${OutcomeTable} statistics=${statistics} />
    </div>
    ${
      waiting.length > 0 &&
      html`<ul class="waiting-list" aria-label=${t.waiting.title()}>
      ${waiting.map(({ reason, text }) => html`<li key=${reason}>${text}</li>`)}
    </ul>`
    }
  <//>`;
}

/**
 * A screen reader announces each quarter of the progress, not each second.
 *
 * @param {Api.Statistics} statistics
 */
function useAnnouncedQuarters(statistics) {
  const { audience, pending } = statistics;
  const quarter = audience ? Math.floor((4 * (audience - pending)) / audience) : 0;
  const first = useRef(true);
  useEffect(() => {
    if (!first.current) announce(texts("campaign").progress.chart(statistics));
    first.current = false;
  }, [quarter]);
}

/** @param {{state: Api.CampaignState, statistics: Api.Statistics}} props */
function Ring({ state, statistics }) {
  const t = texts("campaign");
  const canvas = useRef(/** @type {HTMLCanvasElement | null} */ (null));
  const { kind, text } = progressShare(state, statistics);
  const values = OUTCOMES.map((outcome) => ({ kind: outcome, label: t.kinds[outcome](), value: statistics[outcome] }));
  const paint = () => {
    if (canvas.current) draw(canvas.current, values);
  };
  useEffect(() => {
    const over = new AbortController();
    paint();
    onSchemeChange(paint, over.signal);
    return () => over.abort();
  }, [JSON.stringify(values)]);
  useEffect(() => {
    const element = canvas.current;
    return () => {
      if (element) release(element);
    };
  }, []);
  return html`<div class="progress-ring">
    <canvas ref=${canvas} role="img" aria-label=${t.progress.chart(statistics)}></canvas>
    <p class="progress-share" aria-hidden="true"><strong>${text}</strong><span>${t.progress[kind]()}</span></p>
  </div>`;
}

/** @param {{statistics: Api.Statistics}} props */
function OutcomeTable({ statistics }) {
  const { progress, kinds } = texts("campaign");
  const { audience } = statistics;
  return html`<table class="plain-table">
    <caption class="visually-hidden">${progress.table()}</caption>
    <thead class="visually-hidden"><tr>
      <th scope="col">${progress.state()}</th><th scope="col">${progress.people()}</th><th scope="col">${progress.share()}</th>
    </tr></thead>
    <tbody>
      ${outcomesIn(statistics).map(
        (kind) => html`<tr key=${kind}>
          <th scope="row"><span class="swatch" data-part=${kind}></span>${kinds[kind]()}</th>
          <td class="numeric">${number(statistics[kind])}</td>
          <td class="numeric muted">${share(statistics[kind], audience)}</td>
        </tr>`,
      )}
      <tr class="total-row"><th scope="row">${progress.audience()}</th><td class="numeric">${number(audience)}</td><td></td></tr>
    </tbody>
  </table>`;
}
