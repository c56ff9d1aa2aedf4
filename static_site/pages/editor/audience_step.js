/** The audience of a campaign: a rule, or a saved segment. */

import { segments } from "../../api.js";
import { AudiencePreview } from "../../audience/audience_preview.js";
import { RuleEditor } from "../../audience/rule_editor.js";
import { useAudience } from "../../audience/use_audience.js";
import { useResource } from "../../data/resource.js";
import { html } from "../../html.js";
import { texts } from "../../texts.js";
import { Loaded } from "../../ui/basic.js";
import { Choice, Select } from "../../ui/fields.js";
import { Step } from "./step.js";

/**
 * @param {{
 *   draft: import("./use_draft.js").Draft, audience: import("../../audience/use_audience.js").AudienceState, me: Api.Me,
 * }} props
 */
export function AudienceStep({ draft: { form }, audience, me }) {
  const t = texts("editor").audience;
  const { errors } = form.bind("text");
  const isSegment = form.values.mode === "segment";
  const options = [
    { value: "text", label: t.rule(), hint: t.ruleHint() },
    { value: "segment", label: t.segment(), hint: t.segmentHint() },
  ];
  return html`<${Step} name="audience" number=${1}>
    <${Choice} label=${t.from()} options=${options} ...${form.bind("mode")} />
    ${
      isSegment
        ? html`<${SegmentChoice} form=${form} me=${me} />`
        : html`<${RuleEditor} audience=${audience} errors=${errors} /><${AudiencePreview} audience=${audience} me=${me} />`
    }
  <//>`;
}

/** @param {{form: import("./use_draft.js").Draft["form"], me: Api.Me}} props */
function SegmentChoice({ form, me }) {
  const t = texts("editor").audience;
  const resource = useResource("/api/segments?limit=200", (signal) => segments.list(signal));
  const field = form.bind("segment_id");
  return html`<${Loaded} resource=${resource} rows=${2}>${(/** @type {Api.Page<Api.Segment>} */ { items }) => {
    const options = [
      { value: "", label: items.length ? t.choose() : t.none() },
      ...items.map(({ id, name }) => ({ value: id, label: name })),
    ];
    const segment = items.find(({ id }) => id === field.value);
    return html`<${Select} label=${t.segment()} options=${options} ...${field} />
      ${segment && html`<${SegmentPreview} key=${segment.id} text=${segment.rule.text} channel=${form.values.channel} me=${me} />`}`;
  }}<//>`;
}

/** @param {{text: string, channel: string, me: Api.Me}} props */
function SegmentPreview({ text, channel, me }) {
  const audience = useAudience({ text, channel, onChange: () => {} });
  return html`<${AudiencePreview} audience=${audience} me=${me} />`;
}
