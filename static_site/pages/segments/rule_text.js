/** A rule as text, with its error and what may be meant, and who matches it now. */

import { ApiError, segments } from "../../api.js";
import { useResource } from "../../data/resource.js";
import { html, useEffect, useState } from "../../html.js";
import { number } from "../../texts/format.js";
import { fieldErrorText, texts } from "../../texts.js";
import { Button, Card, Failure, Person } from "../../ui/basic.js";
import { Field } from "../../ui/fields.js";
import { Table } from "../../ui/table.js";

const DELAY = 300;

/**
 * The rule's text when the reader pauses, and its preview.
 *
 * @param {string} text
 */
export function usePreview(text) {
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), DELAY);
    return () => clearTimeout(timer);
  }, [text]);
  const rule = settled.trim();
  const key = rule ? `preview ${rule}` : null;
  return useResource(key, (signal) => segments.preview({ text: rule }, signal), { keep: true });
}

/**
 * @param {{
 *   value: string, onChange: (text: string) => unknown, errors?: string[], error: unknown, isFixed: boolean,
 * }} props
 */
export function RuleText({ value, onChange, errors, error, isFixed }) {
  const t = texts("segments");
  const found = error instanceof ApiError ? error.fields : [];
  const suggestion = found.find((one) => one.suggestion)?.suggestion;
  return html`<${Field}
      label=${t.rule()} hint=${t.ruleHint()} value=${value} onChange=${onChange} isMultiline spellcheck=${false}
      class="control code" readonly=${isFixed} errors=${found.length ? found.map(withPosition) : errors}
    />
    ${suggestion && html`<div><${Button} isSmall icon="check" onClick=${() => onChange(suggestion)}>${t.use(suggestion)}<//></div>`}`;
}

/** @param {Api.FieldError} error */
function withPosition(error) {
  const { position } = texts("segments");
  const at = error.code === "syntax" ? 0 : error.position; // the text of this code says where
  return at ? `${position(at)}: ${fieldErrorText(error)}` : fieldErrorText(error);
}

/** @param {{preview: import("../../data/resource.js").Resource<Api.Preview>}} props */
export function Matches({ preview: { data, error, reload } }) {
  const { preview: t } = texts("segments");
  const isRuleWrong = error instanceof ApiError && error.status === 422;
  return html`<${Card} title=${t.title()}>
    ${error !== null && !isRuleWrong && html`<${Failure} error=${error} retry=${reload} />`}
    ${data ? html`<${Numbers} preview=${data} />` : html`<p class="form-hint">${t.wait()}</p>`}
  <//>`;
}

/** @param {{preview: Api.Preview}} props */
function Numbers({ preview: { count, words, parts, samples } }) {
  const { preview: t, columns } = texts("segments");
  /** @type {import("../../ui/table.js").Column<Api.Preview["parts"][number]>[]} */
  const partColumns = [
    { title: t.part(), phone: "title", cell: (part) => html`<bdi>${part.words}</bdi>` },
    { title: columns.count(), phone: "aside", isNumber: true, cell: (part) => number(part.count) },
  ];
  return html`<div class="stack-view">
    <p class="stat-value" role="status">${t.people(count)}</p>
    <p><bdi>${words}</bdi></p>
    ${
      parts.length > 1 &&
      html`<${Table}
      caption=${t.parts()} columns=${partColumns} rows=${parts.slice(1)}
      rowKey=${(/** @type {{path: string}} */ { path }) => path}
    />`
    }
    ${
      samples.length > 0 &&
      html`<div>
      <h3>${t.samples()}</h3>
      <ul>${samples.map(({ id, name, email }) => html`<li key=${id}><a href="/customers/${id}"><${Person} name=${name || email} /></a></li>`)}</ul>
    </div>`
    }
  </div>`;
}
