/** The messages over time, as bars whose width fits the run. */

import { bars, bucketLength, momentText } from "../../charts/over_time.js";
import { html } from "../../html.js";
import { number } from "../../texts/format.js";
import { texts } from "../../texts.js";
import { Card } from "../../ui/basic.js";

/** @typedef {import("../../charts/over_time.js").Kind} Kind */

/** @param {{statistics: Api.Statistics}} props */
export function TimeCard({ statistics: { over_time: buckets, bucket_seconds: seconds, retried, corrected } }) {
  const kinds = kindsIn(buckets);
  const t = texts("campaign");
  if (!buckets.length) return html`<${Card} title=${t.time.title()}><p class="muted">${t.time.none()}</p><//>`;
  return html`<${Card} title=${t.time.title()}>
    <${Bars} ...${{ buckets, seconds, kinds }} />
    <ul class="legend">${kinds.map((kind) => html`<li key=${kind}><span class="swatch" data-part=${kind}></span>${t.kinds[kind]()}</li>`)}</ul>
    ${retried + corrected > 0 && html`<p class="muted">${t.time.attempts()}</p>`}
    <details><summary>${t.time.asTable()}</summary><${TimeTable} ...${{ buckets, seconds, kinds }} /></details>
  <//>`;
}

/** @param {Api.OutcomesInBucket[]} buckets */
function kindsIn(buckets) {
  /** @type {Kind[]} */
  const usual = ["sent", "failed", "skipped"];
  return buckets.some(({ unknown }) => unknown) ? [...usual, /** @type {const} */ ("unknown")] : usual;
}

/** @param {{buckets: Api.OutcomesInBucket[], seconds: number, kinds: Kind[]}} props */
function Bars({ buckets, seconds, kinds }) {
  const t = texts("campaign");
  const { columns, peak } = bars(buckets);
  const { unit, value } = bucketLength(seconds);
  const [first, last] = [buckets[0], buckets[buckets.length - 1]];
  return html`<figure class="time-chart">
    <figcaption>${t.time.peak(peak, t.time[unit](value))}</figcaption>
    <svg viewBox="0 0 ${columns.length} 100" preserveAspectRatio="none" role="img" aria-label=${t.time.chart()}>
      ${columns.map(
        ({ at, parts }, index) => html`<g key=${at}>
          <title>${[momentText(at, seconds), ...kinds.map((kind) => `${t.kinds[kind]()}: ${number(buckets[index][kind])}`)].join(" · ")}</title>
          <rect class="bar-hover" x=${index} y="0" width="1" height="100" />
          ${parts.map(({ kind, y, height }) => html`<rect key=${kind} class="bar-part" data-bar=${kind} x=${index + 0.08} y=${y} width="0.84" height=${height} />`)}
        </g>`,
      )}
    </svg>
    <p class="time-ends"><span>${momentText(first.at, seconds)}</span>${buckets.length > 1 && html`<span>${momentText(last.at, seconds)}</span>`}</p>
  </figure>`;
}

/** @param {{buckets: Api.OutcomesInBucket[], seconds: number, kinds: Kind[]}} props */
function TimeTable({ buckets, seconds, kinds }) {
  const t = texts("campaign");
  return html`<div class="time-table" tabindex="0" role="group" aria-label=${t.time.asTable()}><table class="plain-table">
    <caption class="visually-hidden">${t.time.title()}</caption>
    <thead><tr><th scope="col">${t.time.from()}</th>${kinds.map((kind) => html`<th key=${kind} scope="col" class="numeric">${t.kinds[kind]()}</th>`)}</tr></thead>
    <tbody>${buckets.map(
      (bucket) => html`<tr key=${bucket.at}>
        <th scope="row">${momentText(bucket.at, seconds)}</th>
        ${kinds.map((kind) => html`<td key=${kind} class="numeric">${number(bucket[kind])}</td>`)}
      </tr>`,
    )}</tbody>
  </table></div>`;
}
