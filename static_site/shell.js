/** The frame around every page: the navigation, the account menu, and the page of the current address. */

import { useOnline } from "./data/resource.js";
import { html, useEffect, useLayoutEffect, useRef, useState } from "./html.js";
import { match, restorePosition, usePlace } from "./router.js";
import { NAVIGATION, ROUTES } from "./routes.js";
import { hasRole, isLocal, signOut } from "./session.js";
import { LANGUAGES, language, loadArea, texts } from "./texts.js";
import { Button, Empty, Failure, Icon, Notice, PageHeader, Skeleton } from "./ui/basic.js";
import { Menu } from "./ui/overlays.js";

/** @typedef {import("./routes.js").Route} Route */
/** @typedef {import("./shortcuts/shortcuts.js").Overlay} Overlay */
/** @typedef {{Page: (props: any) => any, params: Record<string, string>, visit: number}} Shown */

/**
 * @param {{me: Api.Me, onLanguage: (tag: string) => unknown}} props
 */
export function Shell({ me, onLanguage }) {
  const { path } = usePlace();
  const [opened, open] = useState(/** @type {Overlay | null} */ (null));
  return html`<div class="frame">
    <header class="rail">
      <a class="site-name" href="/">${texts().product()}</a>
      <${MainNavigation} me=${me} path=${path} />
      <div class="rail-end"><${AccountMenu} ...${{ me, onLanguage, open }} /></div>
    </header>
    <${Content} me=${me} />
    <${Keyboard} ...${{ me, opened, open }} />
  </div>`;
}

const KEYBOARD_DELAY = 2500; // ms; the first page needs the network for itself

async function loadKeyboard() {
  const [module] = await Promise.all([
    import("./shortcuts/shortcuts.js"),
    loadArea("shortcuts"),
    loadStyles("shortcuts"),
  ]);
  return module.Shortcuts;
}

/**
 * The shortcuts, which are loaded after the first page, or when the reader asks for them.
 *
 * @param {{me: Api.Me, opened: Overlay | null, open: (overlay: Overlay | null) => void}} props
 */
function Keyboard({ me, opened, open }) {
  const [Shortcuts, setShortcuts] = useState(/** @type {((props: any) => any) | null} */ (null));
  useEffect(() => {
    if (Shortcuts) return;
    const load = () =>
      loadKeyboard().then(
        (loaded) => setShortcuts(() => loaded),
        () => {},
      ); // without it, the mouse works
    const timer = setTimeout(load, opened ? 0 : KEYBOARD_DELAY);
    return () => clearTimeout(timer);
  }, [opened]);
  return Shortcuts && html`<${Shortcuts} ...${{ me, opened, open }} />`;
}

/** @param {{me: Api.Me, path: string}} props */
function MainNavigation({ me, path }) {
  const { navigation } = texts();
  const items = NAVIGATION.filter(({ role }) => hasRole(me, role ?? "viewer"));
  /** @param {string} href */
  const current = (href) => {
    if (path === href) return "page";
    return path.startsWith(`${href}/`) && href !== "/" ? "true" : undefined;
  };
  return html`<nav class="main-nav" aria-label=${navigation.main()}>
    <ul>${items.map(
      ({ href, text, icon }) => html`<li key=${href}>
        <a href=${href} aria-current=${current(href)}><${Icon} name=${icon} /><span>${navigation[text]()}</span></a>
      </li>`,
    )}</ul>
  </nav>`;
}

/** @param {{me: Api.Me, onLanguage: (tag: string) => unknown, open: (overlay: Overlay) => void}} props */
function AccountMenu({ me, onLanguage, open }) {
  const { account } = texts();
  const [chosen, setChosen] = useState(theme());
  const items = /** @type {import("./ui/overlays.js").MenuItem[]} */ ([
    { heading: `${account.signedInAs()} ${me.email}` },
    "-",
    { heading: account.language() },
    ...LANGUAGES.map((tag) => ({
      label: account.languages[/** @type {"en"} */ (tag)](),
      isChecked: tag === language(),
      onSelect: () => onLanguage(tag),
    })),
    "-",
    { heading: account.theme() },
    ...THEMES.map((name) => ({
      label: account.themes[name](),
      isChecked: name === chosen,
      onSelect: () => setChosen(chooseTheme(name)),
    })),
    "-",
    { label: account.help(), href: "/help" },
    { label: account.find(), onSelect: () => open("find") },
    { label: account.shortcuts(), onSelect: () => open("help") },
    { label: account.signOut(), onSelect: signOut },
  ]);
  return html`<${Menu} label=${account.menu(me.email)} items=${items} side="start" isUp>
    <span class="account-button">
      <span class="avatar" aria-hidden="true">${me.email[0]}</span>
      <span class="visually-hidden">${account.menu(me.email)}</span>
      <span class="account-text" aria-hidden="true"><span>${me.email}</span><span>${account.roles[me.role]()}</span></span>
    </span>
  <//>`;
}

/**
 * The page of the current address. The page before stays until the next one is loaded.
 *
 * @param {{me: Api.Me}} props
 */
function Content({ me }) {
  const place = usePlace();
  const [shown, setShown] = useState(/** @type {Shown | null} */ (null));
  const [error, setError] = useState(/** @type {unknown} */ (null));
  const main = useRef(/** @type {HTMLElement | null} */ (null));
  const isFirst = useRef(true);
  const isOnline = useOnline();
  const tag = language();
  const load = async () => {
    setError(null);
    const found = findRoute(place.path, me);
    try {
      const Page = await loadPage(found?.page);
      setShown({ Page, params: found?.params ?? {}, visit: place.visit });
    } catch (cause) {
      setError(cause);
    }
  };
  useEffect(() => {
    load();
  }, [place.visit, tag]);
  useLayoutEffect(() => {
    if (!(shown && main.current)) return;
    if (!isFirst.current || place.isBack) restorePosition(place, main.current);
    isFirst.current = false;
  }, [shown?.visit]);
  return html`<main id="content" tabindex="-1" ref=${main}>
    ${!isOnline && html`<${Notice} tone="warn">${texts().errors.offline()}<//>`}
    ${error !== null && html`<${Failure} error=${error} retry=${load} />`}
    ${!(shown || error) && html`<${Skeleton} rows=${6} />`}
    ${
      error === null &&
      shown &&
      html`<div>
      ${place.notice && html`<${Notice} tone="warn">${place.notice}<//>`}
      <${shown.Page} key=${`${shown.visit} ${tag}`} params=${shown.params} me=${me} notice=${place.notice} />
    </div>`
    }
  </main>`;
}

/**
 * @param {string} path
 * @param {Api.Me} me
 */
function findRoute(path, me) {
  const found = match(ROUTES, path);
  if (!found || (found.page.isLocalOnly && !isLocal())) return null;
  const { role } = found.page;
  return role && !hasRole(me, role) ? { page: { ...found.page, load: notAllowed(role) }, params: {} } : found;
}

/**
 * Begins to load the page at a path, before it is known whether the reader may open it.
 *
 * @param {string} path
 */
export const preloadPage = (path) => loadPage(match(ROUTES, path)?.page).catch(() => {}); // the page itself says why

/** @param {Route | undefined} route */
async function loadPage(route) {
  if (!route) return NotFound;
  const { load, area = [], styles = [] } = route;
  const [module] = await Promise.all([load(), ...[area].flat().map(loadArea), ...styles.map(loadStyles)]);
  return module.default;
}

function NotFound() {
  const { title, text, action } = texts().notFound;
  return html`<div class="view">
    <${PageHeader} title=${title()} />
    <${Empty} title=${text()} icon="search"><${Button} href="/">${action()}<//><//>
  </div>`;
}

/** @param {Ui.Role} role */
const notAllowed = (role) => async () => ({
  default: () => {
    const { notAllowed: words, account, notFound } = texts();
    return html`<div class="view">
      <${PageHeader} title=${words.title()} />
      <${Empty} title=${words.text(account.roles[role]())} icon="key"><${Button} href="/">${notFound.action()}<//><//>
    </div>`;
  },
});

/** @typedef {"system" | "light" | "dark"} Theme */

/** @type {Theme[]} */
export const THEMES = ["system", "light", "dark"];
const STORED = "theme";

/** The reader's choice. @returns {Theme} */
export const theme = () => THEMES.find((name) => name === localStorage.getItem(STORED)) ?? "system";

/**
 * Remembers a choice and shows it at once.
 *
 * @param {Theme} name
 */
export function chooseTheme(name) {
  localStorage.setItem(STORED, name);
  showTheme();
  document.dispatchEvent(new Event("themechange"));
  return name;
}

/** Shows the page in the chosen theme. */
export function showTheme() {
  document.documentElement.dataset.theme = theme();
}

/**
 * Adds `styles/<name>.css` to the page, once.
 *
 * @param {string} name
 * @returns {Promise<void>}
 */
export function loadStyles(name) {
  const href = `/styles/${name}.css`;
  if (document.querySelector(`link[href="${href}"]`)) return Promise.resolve();
  const link = document.createElement("link");
  return new Promise((resolve, reject) => {
    link.rel = "stylesheet";
    link.href = href;
    link.addEventListener("load", () => resolve());
    link.addEventListener("error", () => reject(new Error(`Not loaded: ${href}`)));
    document.head.append(link);
  });
}
