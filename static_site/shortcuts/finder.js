/** Finds pages, campaigns, customers and segments by a part of their name, from anywhere. */

import { campaigns, customers, segments } from "../api.js";
import { useResource } from "../data/resource.js";
import { html, useEffect, useId, useRef, useState } from "../html.js";
import { navigate } from "../router.js";
import { NAVIGATION } from "../routes.js";
import { hasRole } from "../session.js";
import { texts } from "../texts.js";
import { Icon } from "../ui/basic.js";
import { Dialog } from "../ui/overlays.js";
import { isSimilar } from "./similar.js";

const MAX_OF_A_KIND = 5;
const DELAY = 150; // ms without a key before the server is asked

/** @typedef {{href: string, label: string, kind: string, icon: import("../ui/basic.js").IconName}} Place */

/** @param {{me: Api.Me, onClose: () => void}} props */
export function Finder({ me, onClose }) {
  const t = texts("shortcuts").find;
  const id = useId();
  const [text, setText] = useState("");
  const [active, setActive] = useState(0);
  const { places, isLoading } = usePlaces(me, text.trim());
  const shown = Math.min(active, places.length - 1);
  /** @param {number} index */
  const open = (index) => {
    if (!places[index]) return;
    onClose();
    navigate(places[index].href);
  };
  /** @type {Record<string, () => void>} */
  const keys = {
    ArrowDown: () => setActive((shown + 1) % places.length),
    ArrowUp: () => setActive((shown - 1 + places.length) % places.length),
    Enter: () => open(shown),
  };
  /** @param {KeyboardEvent} event */
  const onKeyDown = (event) => {
    if (!keys[event.key] || event.isComposing) return;
    event.preventDefault();
    if (places.length) keys[event.key]();
  };
  /** @param {any} event */
  const onInput = ({ currentTarget: { value } }) => {
    setText(value);
    setActive(0);
  };
  return html`<${Dialog} title=${t.title()} onClose=${onClose}>
    <div class="search-field finder-field">
      <${Icon} name="search" size=${16} />
      <input
        class="control" type="text" role="combobox" autofocus autocomplete="off" spellcheck=${false} aria-label=${t.label()}
        aria-expanded="true" aria-controls="${id}-list" aria-activedescendant=${places.length ? `${id}-${shown}` : undefined}
        placeholder=${t.hint()} value=${text} onInput=${onInput} onKeyDown=${onKeyDown}
      />
    </div>
    <ul class="finder-list" role="listbox" id="${id}-list" aria-label=${t.results()}>
      ${places.map(
        (place, index) => html`<${PlaceOption}
          key=${place.href} id=${`${id}-${index}`} place=${place} isActive=${index === shown} onOpen=${() => open(index)}
        />`,
      )}
    </ul>
    ${!(places.length || isLoading) && html`<p class="muted" role="status">${t.none()}</p>`}
  <//>`;
}

/** @param {{id: string, place: Place, isActive: boolean, onOpen: () => void}} props */
function PlaceOption({ id, place: { label, kind, icon }, isActive, onOpen }) {
  const element = useRef(/** @type {HTMLElement | null} */ (null));
  useEffect(() => {
    if (isActive) element.current?.scrollIntoView({ block: "nearest" });
  }, [isActive]);
  return html`<li id=${id} role="option" aria-selected=${isActive} ref=${element} onClick=${onOpen}>
    <${Icon} name=${icon} size=${16} /><bdi class="finder-name">${label}</bdi><span class="muted">${kind}</span>
  </li>`;
}

/**
 * The pages whose name has the text, and what the server finds.
 *
 * @param {Api.Me} me
 * @param {string} text
 */
function usePlaces(me, text) {
  const { navigation } = texts();
  const wanted = useSettled(text);
  const found = useResource(wanted && `find ${wanted}`, (signal) => findPlaces(wanted, signal), { keep: true });
  const t = texts("shortcuts").find;
  const main = NAVIGATION.map(({ text: name, ...page }) => ({ ...page, label: navigation[name]() }));
  const pages = [...main, ...(text ? otherPages() : [])]
    .filter(({ role }) => hasRole(me, role ?? "viewer"))
    .map(({ href, icon, label }) => ({ href, icon, label, kind: t.page() }));
  const named = pages.filter(({ label }) => isSimilar(label, text));
  const isLoading = text !== "" && (text !== wanted || found.isLoading);
  return { places: [...named, ...(text ? (found.data ?? []) : [])], isLoading };
}

/** @returns {{href: string, label: string, icon: Place["icon"], role?: Ui.Role}[]} Pages that are not in the navigation. */
function otherPages() {
  const { pages: t } = texts("shortcuts");
  return [
    { href: "/campaigns/new", label: t.newCampaign(), icon: "plus", role: "manager" },
    { href: "/campaigns/plan", label: t.plan(), icon: "edit", role: "manager" },
    { href: "/customers/import", label: t.import(), icon: "upload", role: "manager" },
    { href: "/customers/duplicates", label: t.duplicates(), icon: "people", role: "manager" },
    { href: "/segments/new", label: t.newSegment(), icon: "plus", role: "manager" },
    { href: "/suppressions", label: texts().navigation.suppressions(), icon: "ban", role: "manager" },
    { href: "/help", label: texts().account.help(), icon: "info" },
    { href: "/settings/forms", label: t.forms(), icon: "send", role: "manager" },
    { href: "/settings/members", label: t.members(), icon: "people", role: "admin" },
    { href: "/settings/keys", label: t.keys(), icon: "key", role: "admin" },
    { href: "/settings/audit", label: t.audit(), icon: "info", role: "admin" },
  ];
}

/**
 * @param {string} text
 * @param {AbortSignal} signal
 * @returns {Promise<Place[]>}
 */
async function findPlaces(text, signal) {
  const query = { search: text, limit: MAX_OF_A_KIND };
  const [ours, people, rules] = await Promise.all([
    campaigns.list(query, signal),
    customers.list(query, signal),
    segments.list(signal),
  ]);
  const t = texts("shortcuts").find;
  const { person } = texts();
  return [
    ...ours.items.map(({ id, name }) => placeOf("campaigns", "send", id, name || t.noName(), t.campaign())),
    ...people.items.map(({ id, name, email, phone }) =>
      placeOf(
        "customers",
        "people",
        id,
        [name || person.noName(), email ?? phone].filter(Boolean).join(" · "),
        t.customer(),
      ),
    ),
    ...rules.items
      .filter(({ name }) => isSimilar(name, text))
      .slice(0, MAX_OF_A_KIND)
      .map(({ id, name }) => placeOf("segments", "segment", id, name, t.segment())),
  ];
}

/**
 * @param {string} area
 * @param {Place["icon"]} icon
 * @param {string} id
 * @param {string} label
 * @param {string} kind
 * @returns {Place}
 */
const placeOf = (area, icon, id, label, kind) => ({ href: `/${area}/${encodeURIComponent(id)}`, icon, label, kind });

/**
 * The text when it has not changed for a moment.
 *
 * @param {string} text
 */
function useSettled(text) {
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), DELAY);
    return () => clearTimeout(timer);
  }, [text]);
  return settled;
}
