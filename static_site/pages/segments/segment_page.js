/** One segment, or a new one: its name, its rule, and who is in it. */

import { segments } from "../../api.js";
import { AudienceCount, AudienceDetails } from "../../audience/audience_preview.js";
import { RuleEditor } from "../../audience/rule_editor.js";
import { useAudience } from "../../audience/use_audience.js";
import { beginCampaign } from "../../data/begin_campaign.js";
import { useForm } from "../../data/form.js";
import { mutate, useResource } from "../../data/resource.js";
import { html, useRef } from "../../html.js";
import { navigate } from "../../router.js";
import { mayWrite } from "../../session.js";
import { texts } from "../../texts.js";
import { Badge, Button, Card, Loaded, PageHeader, toast } from "../../ui/basic.js";
import { Field, FormEnd } from "../../ui/fields.js";
import { remove } from "./list_page.js";
import { ChangePeople, ListNumbers } from "./people_list.js";
import { SizesStrip } from "./sizes.js";

const KEY = "/api/segments";
const NEW = { id: "", name: "", rule: { text: "" }, used_by: 0, campaigns: [], sizes: [] };

/** @typedef {Api.SegmentDetails | typeof NEW} Shown */

/** @param {{params: {id?: string}, me: Api.Me}} props */
export default function SegmentPage({ params: { id }, me }) {
  const t = texts("segments");
  const known = useResource(id ? `${KEY}/${id}` : null, (signal) => segments.details(String(id), signal));
  const segment = id ? known.data : NEW;
  const back = { href: "/segments", label: t.title() };
  const erase = async () => {
    if (known.data && (await remove(known.data))) navigate("/segments");
  };
  const actions = id && mayWrite(me) && html`<${Actions} id=${id} onErase=${erase} />`;
  return html`<div class="view">
    <${PageHeader} title=${segment?.name || (id ? t.title() : t.newTitle())} back=${back} actions=${actions} />
    ${segment ? html`<${shownAs(segment)} segment=${segment} me=${me} />` : html`<${Loaded} resource=${known} rows=${6} />`}
  </div>`;
}

/** @param {Shown} segment */
const shownAs = (segment) => ("kind" in segment && segment.kind === "static" ? List : Editor);

/**
 * A static segment: who is in it.
 *
 * @param {{segment: Api.SegmentDetails, me: Api.Me}} props
 */
function List({ segment, me }) {
  const t = texts("segments");
  const { id, name, rule } = segment;
  const form = useForm({
    initial: { name },
    save: (values) => mutate(() => segments.renameList(id, values.name.trim()), KEY),
    onSaved: (_, values) => toast(t.saved(values.name.trim())),
  });
  const audience = useAudience({ text: rule.text, onChange: () => {} });
  return html`<div class="stack-view">
    <${Card} label=${t.list.numbers()}><${ListNumbers} segment=${segment} /><//>
    <${SizesStrip} sizes=${segment.sizes} />
    ${
      mayWrite(me) &&
      html`<${ChangePeople} segment=${segment} />
        <form class="card stack-view" ...${form.props}>
          <${Field} label=${t.name()} maxlength="200" ...${form.bind("name")} />
          <${FormEnd} form=${form} submit=${t.save()} />
        </form>`
    }
    ${audience.preview && html`<${Card} title=${t.now()}><${AudienceDetails} key=${segment.count} audience=${audience} me=${me} /><//>`}
    ${segment.campaigns.length > 0 && html`<${Uses} campaigns=${segment.campaigns} />`}
  </div>`;
}

/** @param {{id: string, onErase: () => unknown}} props */
function Actions({ id, onErase }) {
  const t = texts("segments");
  return html`
    <${Button} icon="trash" kind="danger" onClick=${onErase}>${t.remove()}<//>
    <${Button} icon="send" onClick=${() => beginCampaign({ segment_id: id })}>${t.campaign()}<//>`;
}

/** @param {{segment: Shown, me: Api.Me}} props */
function Editor({ segment, me }) {
  const t = texts("segments");
  const { id } = segment;
  const saved = useRef({ name: segment.name, text: segment.rule.text });
  const form = useForm({
    initial: saved.current,
    save: ({ name, text }) =>
      mutate(() => (id ? segments.replace(id, name.trim(), { text }) : segments.save(name.trim(), { text })), KEY),
    onSaved: (created, { name, text }) => {
      const before = saved.current;
      saved.current = { name, text };
      toast(t.saved(name.trim()), id ? { undo: () => takeBack(before) } : {});
      if (!id) navigate(`/segments/${created.id}`, { replace: true });
    },
  });
  const takeBack = async (/** @type {typeof saved.current} */ before) => {
    await mutate(() => segments.replace(id, before.name, { text: before.text }), KEY);
    saved.current = before;
    form.reset(before);
  };
  const { value: rule, errors, onChange } = form.bind("text");
  const audience = useAudience({ text: rule, onChange });
  const count = html`<${AudienceCount} audience=${audience} />`;
  return html`<div class="stack-view">
    ${
      mayWrite(me)
        ? html`<form class="card stack-view" ...${form.props}>
            <${Field} label=${t.name()} maxlength="200" ...${form.bind("name")} />
            <${RuleEditor} ...${{ audience, errors }}>${count}<//>
            <${FormEnd} form=${form} submit=${t.save()} />
          </form>`
        : html`<${Card} title=${t.rule()}><code class="user-text">${rule}</code>${count}<//>`
    }
    <${SizesStrip} sizes=${segment.sizes} />
    ${audience.preview && html`<${Card} title=${t.now()}><${AudienceDetails} audience=${audience} me=${me} /><//>`}
    ${segment.campaigns.length > 0 && html`<${Uses} campaigns=${segment.campaigns} />`}
  </div>`;
}

/** @param {{campaigns: Api.SegmentDetails["campaigns"]}} props */
const Uses = ({ campaigns }) => html`<${Card} title=${texts("segments").usedBy()}>
  <ul>${campaigns.map(
    ({ id, name, state }) =>
      html`<li key=${id}><a href="/campaigns/${id}"><bdi>${name || texts("segments").noName()}</bdi></a> <${Badge} state=${state} /></li>`,
  )}</ul>
<//>`;
