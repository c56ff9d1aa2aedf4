/** A new static segment: its name. Its page adds the people. */

import { segments } from "../../api.js";
import { useForm } from "../../data/form.js";
import { mutate } from "../../data/resource.js";
import { html } from "../../html.js";
import { navigate } from "../../router.js";
import { texts } from "../../texts.js";
import { PageHeader } from "../../ui/basic.js";
import { Field, FormEnd } from "../../ui/fields.js";

export default function NewListPage() {
  const t = texts("segments");
  const form = useForm({
    initial: { name: "" },
    save: ({ name }) => mutate(() => segments.saveList(name.trim()), "/api/segments"),
    onSaved: (saved) => navigate(`/segments/${saved.id}`, { replace: true }),
  });
  return html`<div class="view">
    <${PageHeader} title=${t.list.add()} lead=${t.list.lead()} back=${{ href: "/segments", label: t.title() }} />
    <form class="card stack-view" ...${form.props}>
      <${Field} label=${t.name()} maxlength="200" autofocus ...${form.bind("name")} />
      <${FormEnd} form=${form} submit=${t.list.create()} />
    </form>
  </div>`;
}
