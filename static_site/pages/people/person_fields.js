/** The fields and attributes of a person, read and edited in the same place. */

import { customers } from "../../api.js";
import { useForm } from "../../data/form.js";
import { mutate } from "../../data/resource.js";
import { html, useState } from "../../html.js";
import { dateTime } from "../../texts/format.js";
import { texts } from "../../texts.js";
import { Button, Card, runAction, toast } from "../../ui/basic.js";
import { Field, FormEnd } from "../../ui/fields.js";
import { changesOf, formValues, TEXT_FIELDS, valueText } from "./person.js";

/** @param {{person: Api.CustomerDetails, isFixed: boolean}} props */
export function PersonFields({ person, isFixed }) {
  const { fields: t } = texts("people");
  const [isEditing, setIsEditing] = useState(false);
  const edit = html`<${Button} isSmall icon="edit" onClick=${() => setIsEditing(true)}>${t.edit()}<//>`;
  return html`<${Card} title=${t.title()} actions=${!(isFixed || isEditing) && edit}>
    ${
      isEditing
        ? html`<${Editor} person=${person} onClose=${() => setIsEditing(false)} />`
        : html`<${Values} person=${person} />`
    }
  <//>`;
}

/** @param {{person: Api.CustomerDetails}} props */
function Values({ person }) {
  const { fields: t } = texts("people");
  const rows = [
    ...TEXT_FIELDS.map((field) => [t[field](), person[field]]),
    [t.tags(), person.tags.join(", ")],
    [t.externalId(), person.external_id],
    [t.created(), dateTime(person.created_at)],
    ...Object.entries(person.attributes).map(([name, value]) => [name, valueText(value)]),
  ];
  return html`<dl class="person-values">
    ${rows.map(
      ([name, value]) =>
        html`<div key=${name}><dt><bdi>${name}</bdi></dt><dd><bdi>${value || texts().nothing()}</bdi></dd></div>`,
    )}
  </dl>`;
}

/** @param {{person: Api.CustomerDetails, onClose: () => unknown}} props */
function Editor({ person, onClose }) {
  const { fields: t } = texts("people");
  const [before] = useState(() => formValues(person)); // `person` is loaded again before `onSaved`
  const form = useForm({
    initial: before,
    save: (values) => mutate(() => customers.change(person.id, changesOf(person, values)), "/api/customers"),
    onSaved: (saved) => {
      const undo = changesOf(saved, before);
      const takeBack = () => mutate(() => customers.change(person.id, undo), "/api/customers");
      toast(t.saved(), { undo: Object.keys(undo).length ? () => runAction(takeBack) : undefined });
      onClose();
    },
  });
  return html`<form class="stack-view" ...${form.props}>
    ${TEXT_FIELDS.map(
      (field) => html`<${Field}
        key=${field} label=${t[field]()} hint=${field === "timezone" && t.timezoneHint()} ...${form.bind(field)}
      />`,
    )}
    <${Field} label=${t.tags()} hint=${t.tagsHint()} ...${form.bind("tags")} />
    <${Attributes} form=${form} />
    <${FormEnd} form=${form} submit=${texts().actions.save()} onCancel=${onClose} />
  </form>`;
}

/** @param {{form: ReturnType<typeof useForm>}} props */
function Attributes({ form }) {
  const { fields: t } = texts("people");
  const { attributes } = form.values;
  const { errors } = form.bind("attributes");
  const add = () => form.set("attributes", [...attributes, { name: "", value: "" }]);
  return html`<fieldset class="form-field person-attributes">
    <legend class="form-label">${t.attributes()}</legend>
    ${attributes.map(
      (/** @type {unknown} */ _, /** @type {number} */ index) => html`<div key=${index} class="form-grid">
        <${Field} label=${t.attribute()} ...${form.bind(`attributes.${index}.name`)} />
        <${Field} label=${t.value()} ...${form.bind(`attributes.${index}.value`)} />
      </div>`,
    )}
    ${errors && html`<p class="form-problem" role="alert">${errors.join(" ")}</p>`}
    ${attributes.length > 0 && html`<p class="form-hint">${t.removeHint()}</p>`}
    <div><${Button} isSmall icon="plus" onClick=${add}>${t.addAttribute()}<//></div>
  </fieldset>`;
}
