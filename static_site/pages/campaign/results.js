/** What a campaign brought: orders after its message, and what the held out did without it. */

import { campaigns } from "../../api.js";
import { useResource } from "../../data/resource.js";
import { html } from "../../html.js";
import { dateTime, number, roundMoney, share } from "../../texts/format.js";
import { texts } from "../../texts.js";
import { Card, Loaded } from "../../ui/basic.js";
import { Stat, StatStrip } from "../../ui/figures.js";

const POLL = 120_000;
const PER = 1_000;

/** @param {{id: string}} props */
export function ResultsCard({ id }) {
  const { results: t } = texts("campaign");
  const found = useResource(`/api/results/${id}`, (signal) => campaigns.results(id, signal), { every: () => POLL });
  return html`<${Card} title=${t.title()}>
    <${Loaded} resource=${found}>${(/** @type {Api.Results} */ data) => html`<${Orders} results=${data} />`}<//>
  <//>`;
}

/** @param {{results: Api.Results}} props */
function Orders({ results }) {
  const { results: t } = texts("campaign");
  const { reached, converted, orders, revenue, currency, lift } = results;
  return html`<${StatStrip} label=${t.title()}>
      <${Stat} label=${t.converted()} value=${number(converted)} note=${t.ofReached(share(converted, reached))} />
      <${Stat} label=${t.orders()} value=${number(orders)} />
      <${Stat} label=${t.revenue()} value=${roundMoney(revenue, currency)} />
    <//>
    ${lift && liftTexts(t, lift).map((text) => html`<p key=${text}>${text}</p>`)}
    <p class="muted">${countedText(t, results)}</p>`;
}

/**
 * Which orders count, and until when.
 *
 * @param {Ui.Texts["campaign"]["results"]} t
 * @param {Pick<Api.Results, "conversion_days" | "until" | "complete">} results
 */
const countedText = (t, { conversion_days: days, until, complete }) =>
  until && !complete ? `${t.counts(days)} ${t.until(dateTime(until))}` : t.counts(days);

/**
 * The lift in words: what both groups did, and how many more or fewer people ordered because of the message.
 *
 * @param {Ui.Texts["campaign"]["results"]} t
 * @param {Api.Lift} lift
 */
export function liftTexts(t, { messaged, held_out: apart, low, high }) {
  const one = t.group(share(messaged.ordered, messaged.people), number(messaged.people));
  const other = t.group(share(apart.ordered, apart.people), number(apart.people));
  return [
    t.groups(one, other),
    t.per(number(PER), betweenText(t, PER * low, PER * high)),
    allText(t, messaged.people, low, high),
  ].filter(Boolean);
}

/**
 * @param {Ui.Texts["campaign"]["results"]} t
 * @param {number} low
 * @param {number} high
 */
function betweenText(t, low, high) {
  if (low >= 0) return t.more(rounded(low), rounded(high));
  return high <= 0 ? t.fewer(rounded(-high), rounded(-low)) : t.either(rounded(-low), rounded(high));
}

/**
 * The same for everybody who was to get the message; nothing where chance may be all there is.
 *
 * @param {Ui.Texts["campaign"]["results"]} t
 * @param {number} people
 * @param {number} low
 * @param {number} high
 */
function allText(t, people, low, high) {
  if (low < 0 && high > 0) return t.chance();
  return t.all(betweenText(t, people * low, people * high));
}

/** @param {number} value */
const rounded = (value) => number(value < 10 ? Math.round(10 * value) / 10 : Math.round(value));
