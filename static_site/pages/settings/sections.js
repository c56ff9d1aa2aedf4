/** The sections of the settings, above each of their pages. */

import { html } from "../../html.js";
import { navigate } from "../../router.js";
import { texts } from "../../texts.js";
import { Tabs } from "../../ui/table.js";

/** @param {{current: "members" | "topics" | "forms" | "keys" | "webhooks" | "audit"}} props */
export function Sections({ current }) {
  const t = texts("settings");
  const items = [
    { value: "members", label: t.members.tab() },
    { value: "topics", label: t.topics.tab() },
    { value: "forms", label: t.forms.tab() },
    { value: "keys", label: t.keys.tab() },
    { value: "webhooks", label: t.webhooks.tab() },
    { value: "audit", label: t.audit.tab() },
  ];
  const open = (/** @type {string} */ section) => navigate(`/settings/${section}`);
  return html`<${Tabs} label=${t.sections()} value=${current} items=${items} onChange=${open} />`;
}

/** The roles to choose from, each with what it may do. */
export function roleOptions() {
  const { roles } = texts().account;
  const { roleHints } = texts("settings").members;
  return /** @type {Ui.Role[]} */ (["viewer", "manager", "admin"]).map((role) => ({
    value: role,
    label: roles[role](),
    hint: roleHints[role](),
  }));
}
