/** Whom a rule matches: the number, who is left out, the rule in words, its parts, and some of the people. */

import { html } from "../html.js";
import { money, number } from "../texts/format.js";
import { reachOf } from "../texts/reach.js";
import { texts } from "../texts.js";
import { Button, Failure, Person, Skeleton, Time } from "../ui/basic.js";
import { Table } from "../ui/table.js";
import { Distribution } from "./distribution.js";

/** @typedef {import("./use_audience.js").AudienceState} AudienceState */

/**
 * All about the people of a rule.
 *
 * @param {{audience: AudienceState, me: Api.Me}} props
 */
export const AudiencePreview = ({ audience, me }) => html`<div class="stack-view">
  <${AudienceCount} audience=${audience} />
  <${AudienceDetails} audience=${audience} me=${me} />
</div>`;

/**
 * The rule in words, some of the people, and the numbers behind it; nothing while there is no rule.
 *
 * @param {{audience: AudienceState, me: Api.Me}} props
 */
export const AudienceDetails = ({ audience: { preview, setText }, me }) =>
  preview &&
  html`<div class="stack-view">
    <p class="rule-words sentence">${preview.words}</p>
    ${preview.notes.map((note) => html`<${Note} key=${note.code + note.field} note=${note} setText=${setText} />`)}
    <${Parts} preview=${preview} />
    <${Samples} preview=${preview} me=${me} />
    <${Distribution} preview=${preview} me=${me} />
  </div>`;

/**
 * Whom the rule leaves out that its author may not expect, with the rule that includes them as one click.
 *
 * @param {{note: Api.RuleNote, setText: (text: string) => void}} props
 */
function Note({ note, setText }) {
  const { code, suggestion } = note;
  const { ruleNotes, includeThem } = texts("audience");
  return html`<div class="rule-error">
    <p class="form-hint">${ruleNotes[code](note)}</p>
    ${suggestion && html`<p class="rule-fix"><code>${suggestion}</code> <${Button} isSmall icon="check" onClick=${() => setText(suggestion)}>${includeThem()}<//></p>`}
  </div>`;
}

/**
 * The number of people, live, and why some of them get no message on the channel.
 *
 * @param {{audience: AudienceState}} props
 */
export function AudienceCount({ audience: { preview, isCurrent, isLoading, text, channel, failure, reload } }) {
  const t = texts("audience");
  if (failure && !preview) return html`<${Failure} error=${failure} retry=${reload} />`;
  if (!preview) {
    if (text.trim() && isLoading) return html`<${Skeleton} rows=${1} />`;
    return html`<p class="muted" role="status">${t.noRule()}</p>`;
  }
  const excluded = Object.entries(preview.excluded).filter(([, count]) => count > 0);
  return html`<div class="audience-count" data-old=${!isCurrent}>
    <p role="status"><strong class="big-number">${number(preview.count)}</strong> <span>${t.people(preview.count)}</span></p>
    ${!(isCurrent || isLoading) && html`<p class="form-hint">${t.lastCount()}</p>`}
    ${channel && html`<${Reach} preview=${preview} channel=${channel} isEverybody=${!excluded.length} />`}
    ${
      excluded.length > 0 &&
      html`<ul class="excluded-list">${excluded.map(([code, count]) => html`<li key=${code}><span>${excludedReason(code)}</span><span>${number(count)}</span></li>`)}</ul>`
    }
  </div>`;
}

/**
 * How many of the people can be reached on a channel, if not all, and of how many nobody knows whether they agreed.
 *
 * @param {{preview: Api.Preview, channel: string, isEverybody: boolean}} props
 */
function Reach({ preview, channel, isEverybody }) {
  const t = texts("audience");
  return html`${!isEverybody && html`<p class="reach-line">${t.reachable(reachOf(preview), channelName(channel))}</p>`}
    ${preview.unknown_consent > 0 && html`<p class="reach-line">${t.unknownConsent(number(preview.unknown_consent))}</p>`}`;
}

/**
 * The name of a channel in the language of the page.
 *
 * @param {string} name
 */
export const channelName = (name) => texts("audience").channels[/** @type {"email"} */ (name)]?.() ?? name;

/**
 * Why somebody is left out.
 *
 * @param {string} code
 */
export const excludedReason = (code) =>
  texts("audience").reasons[/** @type {"no_consent"} */ (code)]?.() ?? code.replaceAll("_", " ");

/** @param {{preview: Api.Preview}} props */
function Parts({ preview: { parts } }) {
  const t = texts("audience");
  if (parts.length < 2) return null;
  return html`<details class="fold">
    <summary>${t.partsTitle()}</summary>
    <ul class="part-list">${parts.slice(1).map(({ path, words, count }) => html`<li key=${path}><span>${words}</span><span>${number(count)}</span></li>`)}</ul>
  </details>`;
}

/** @param {{preview: Api.Preview, me: Api.Me}} props */
function Samples({ preview: { samples }, me }) {
  const t = texts("audience");
  if (!samples.length) return html`<p class="muted">${t.nobody()}</p>`;
  /** @type {import("../ui/table.js").Column<Api.Sample>[]} */
  const columns = [
    {
      title: t.columns.person(),
      phone: "title",
      cell: ({ name, email }) => html`<${Person} name=${name} detail=${email} />`,
    },
    { title: t.columns.spend(), phone: "aside", isNumber: true, cell: ({ spend }) => money(spend, me.currency) },
    { title: t.columns.lastActive(), phone: "end", cell: ({ last_active_at: at }) => at && html`<${Time} at=${at} />` },
  ];
  return html`<div class="sample-people">
    <h3>${t.examples()}</h3>
    <${Table}
      caption=${t.examples()} columns=${columns} rows=${samples} rowKey=${(/** @type {Api.Sample} */ { id }) => id}
      href=${(/** @type {Api.Sample} */ { id }) => `/customers/${encodeURIComponent(id)}`}
    />
  </div>`;
}
