/** One segment, or a new one: its name, its rule, and who is in it. */

import { segments } from "../../api.js";
import { useForm } from "../../data/form.js";
import { mutate, useResource } from "../../data/resource.js";
import { html } from "../../html.js";
import { navigate } from "../../router.js";
import { mayWrite } from "../../session.js";
import { texts } from "../../texts.js";
import { Badge, Button, Card, Loaded, PageHeader } from "../../ui/basic.js";
import { Field, FormEnd } from "../../ui/fields.js";
import { toast } from "../../ui/toast.js";
import { remove } from "./list_page.js";
import { Matches, RuleText, usePreview } from "./rule_text.js";

const KEY = "/api/segments";
const NEW = { id: "", name: "", rule: { text: "" }, used_by: 0, campaigns: [] };

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
  const actions = id && mayWrite(me) && html`<${Button} icon="trash" kind="danger" onClick=${erase}>${t.remove()}<//>`;
  return html`<div class="view">
    <${PageHeader} title=${segment?.name || (id ? t.title() : t.newTitle())} back=${back} actions=${actions} />
    ${
      segment
        ? html`<${Editor} segment=${segment} isFixed=${!mayWrite(me)} />`
        : html`<${Loaded} resource=${known} rows=${6} />`
    }
  </div>`;
}

/** @param {{segment: Shown, isFixed: boolean}} props */
function Editor({ segment, isFixed }) {
  const t = texts("segments");
  const { id } = segment;
  const form = useForm({
    initial: { name: segment.name, text: segment.rule.text },
    save: ({ name, text }) =>
      mutate(() => (id ? segments.replace(id, name.trim(), { text }) : segments.save(name.trim(), { text })), KEY),
    onSaved: (saved, { name }) => {
      toast(t.saved(name.trim()));
      if (!id) navigate(`/segments/${saved.id}`, { replace: true, force: true });
    },
  });
  const preview = usePreview(form.values.text);
  const { value, errors, onChange } = form.bind("text");
  return html`<div class="two-columns">
    <${Card} label=${t.title()}>
      <form class="stack-view" ...${form.props}>
        <${Field} label=${t.name()} readonly=${isFixed} ...${form.bind("name")} />
        <${RuleText} ...${{ value, errors, onChange, isFixed }} error=${preview.error} />
        ${!isFixed && html`<${FormEnd} form=${form} submit=${t.save()} />`}
      </form>
    <//>
    <div class="stack-view">
      <${Matches} preview=${preview} />
      ${segment.campaigns.length > 0 && html`<${Uses} campaigns=${segment.campaigns} />`}
    </div>
  </div>`;
}

/** @param {{campaigns: Api.SegmentDetails["campaigns"]}} props */
const Uses = ({ campaigns }) => html`<${Card} title=${texts("segments").usedBy()}>
  <ul>${campaigns.map(
    ({ id, name, state }) =>
      html`<li key=${id}><a href="/campaigns/${id}"><bdi>${name}</bdi></a> <${Badge} state=${state} /></li>`,
  )}</ul>
<//>`;
