/** The size of a segment over the last days on which it was counted. */

import { html } from "../../html.js";
import { day as dayText, number } from "../../texts/format.js";
import { texts } from "../../texts.js";
import { Sparkline, Stat, StatStrip } from "../../ui/figures.js";

const DAY = 24 * 60 * 60 * 1000;

/**
 * The size on each day from the first to the last one; null where nobody counted.
 *
 * @param {Api.SegmentSize[]} sizes The oldest first.
 * @returns {(number | null)[]}
 */
export function dailySizes(sizes) {
  if (!sizes.length) return [];
  const counts = new Map(sizes.map(({ day, count }) => [Date.parse(day), count]));
  const [first, last] = [Date.parse(sizes[0].day), Date.parse(sizes[sizes.length - 1].day)];
  return Array.from({ length: (last - first) / DAY + 1 }, (_, index) => counts.get(first + index * DAY) ?? null);
}

/**
 * The line of the sizes; nothing as long as there is only one.
 *
 * @param {{sizes: Api.SegmentSize[]}} props
 */
export function SizesLine({ sizes }) {
  if (sizes.length < 2) return null;
  const [first, last] = [sizes[0], sizes[sizes.length - 1]];
  const label = texts("segments").sizes.course(first.count, dayText(first.day), last.count, dayText(last.day));
  return html`<${Sparkline} label=${label} values=${dailySizes(sizes)} />`;
}

/**
 * The last size, how it changed, and its line.
 *
 * @param {{sizes: Api.SegmentSize[]}} props
 */
export function SizesStrip({ sizes }) {
  const { sizes: t } = texts("segments");
  if (sizes.length < 2) return null;
  const [first, last] = [sizes[0], sizes[sizes.length - 1]];
  return html`<div class="wide-stat"><${StatStrip} label=${t.title()}>
    <${Stat}
      label=${t.counted(dayText(last.day))} value=${number(last.count)}
      note=${t.change(last.count - first.count, dayText(first.day))} chart=${html`<${SizesLine} sizes=${sizes} />`}
    />
  <//></div>`;
}
