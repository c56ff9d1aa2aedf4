/** Figures: numbers in a strip, bars and small lines. All have their numbers as text too. */

import { html } from "../html.js";
import { number, share } from "../texts/format.js";

/** @typedef {import("../html.js").Children} Children */

/**
 * One number with its name. `note` stands below it, such as a rate, and `chart` at the end. Several stand in `StatStrip`.
 *
 * @param {{label: string, value: Children, note?: Children, chart?: Children, tone?: "good" | "bad" | "warn"}} props
 */
export const Stat = ({ label, value, note, chart, tone }) => html`<div class="stat" data-tone=${tone}>
  <dt>${label}</dt>
  <dd class="stat-value">${value}</dd>
  ${note && html`<dd class="stat-note">${note}</dd>`}
  ${chart && html`<dd>${chart}</dd>`}
</div>`;

/** @param {{label: string, children?: Children}} props */
export const StatStrip = ({ label, children }) => html`<dl class="stat-strip" aria-label=${label}>${children}</dl>`;

/** @typedef {{key: string, label: string, value: number}} Part */

/**
 * The parts of a whole in one line. `key` gives the colour: sent, failed, skipped, unknown, pending, or `series-1` to `series-4`.
 *
 * @param {{label: string, parts: Part[], hasLegend?: boolean}} props
 */
export function StackedBar({ label, parts, hasLegend = false }) {
  const total = parts.reduce((sum, { value }) => sum + value, 0);
  const shown = parts.filter(({ value }) => value > 0);
  const words = parts.map((part) => `${part.label}: ${number(part.value)}`).join(", ");
  return html`<div class="stacked">
    <div class="stacked-bar" role="img" aria-label=${`${label}. ${words}`}>
      ${shown.map(({ key, value }) => html`<span key=${key} data-part=${key} style=${{ flexGrow: value }}></span>`)}
    </div>
    ${
      hasLegend &&
      html`<ul class="legend">
      ${parts.map(
        (part) => html`<li key=${part.key}>
          <span class="swatch" data-part=${part.key}></span>${part.label} <strong>${number(part.value)}</strong>
          <span class="legend-share">${share(part.value, total)}</span>
        </li>`,
      )}
    </ul>`
    }
  </div>`;
}

/**
 * The points of the lines through `values`, in a box of this size. Where a value is null the line has a gap.
 *
 * @param {(number | null)[]} values
 * @param {{width: number, height: number}} size
 */
export function linePoints(values, { width, height }) {
  const top = Math.max(...values.map(Number), 1);
  const step = values.length > 1 ? width / (values.length - 1) : 0;
  /** @type {number[][][]} */
  const lines = [[]];
  values.forEach((value, index) => {
    if (value === null) lines.push([]);
    else lines[lines.length - 1].push([round(index * step), round(height - (value / top) * height)]);
  });
  return lines.filter((line) => line.length);
}

/** @param {number} value */
const round = (value) => Math.round(value * 10) / 10;

const SIZE = { width: 120, height: 28 };

/**
 * The course of a number in the size of a word; null is a moment of which nobody knows it. `label` says what a reader
 * who cannot see it should know.
 *
 * @param {{label: string, values: (number | null)[]}} props
 */
export function Sparkline({ label, values }) {
  const { width, height } = SIZE;
  return html`<svg class="sparkline" role="img" aria-label=${label} viewBox="0 -2 ${width} ${height + 4}" preserveAspectRatio="none">
    ${linePoints(values, SIZE).map((line) => {
      const points = line.join(" ");
      const [[first], [last]] = [line[0], line[line.length - 1]];
      return html`<g key=${first}>
        <polygon points="${first},${height} ${points} ${last},${height}" />
        <polyline points=${line.length > 1 ? points : `${points} ${points}`} />
      </g>`;
    })}
  </svg>`;
}
