/** The addresses of the site and the main navigation. A page adds its lines here. */

/**
 * - `load`: imports the page; its default export is a component with the props `{params, me, notice}`.
 * - `area`: its texts, `texts/<area>/…`, which are loaded with it; several for a page that uses the parts of others.
 * - `styles`: the names of its own style sheets, `styles/<name>.css`.
 * - `role`: who may open it; everyone by default.
 *
 * @typedef {{
 *   load: () => Promise<{default: (props: any) => any}>, area?: string | string[], styles?: string[], role?: Ui.Role,
 *   isLocalOnly?: boolean,
 * }} Route
 */

/** @type {Route} */
const EDITOR = {
  load: () => import("./pages/editor/editor_page.js"),
  area: ["editor", "audience", "campaign"],
  styles: ["editor", "audience", "mail"],
  role: "manager",
};

/** @type {Route} */
const SEGMENT = {
  load: () => import("./pages/segments/segment_page.js"),
  area: ["segments", "audience"],
  styles: ["audience"],
};

/** @type {[string, Route][]} */
export const ROUTES = [
  ["/", { load: () => import("./pages/home/home_page.js"), area: "home" }],
  ["/campaigns", { load: () => import("./pages/campaigns/list_page.js"), area: "campaigns" }],
  ["/campaigns/new", EDITOR],
  [
    "/campaigns/plan",
    {
      load: () => import("./pages/plan/plan_page.js"),
      area: ["plan", "audience"],
      styles: ["editor"],
      role: "manager",
    },
  ],
  ["/campaigns/:id/edit", EDITOR],
  [
    "/campaigns/:id",
    { load: () => import("./pages/campaign/campaign_page.js"), area: "campaign", styles: ["campaign", "mail"] },
  ],
  ["/customers", { load: () => import("./pages/customers/list_page.js"), area: "customers" }],
  [
    "/customers/import",
    { load: () => import("./pages/imports/import_page.js"), area: "imports", styles: ["imports"], role: "manager" },
  ],
  [
    "/customers/duplicates",
    { load: () => import("./pages/duplicates/list_page.js"), area: "duplicates", role: "manager" },
  ],
  [
    "/customers/imports",
    { load: () => import("./pages/imports/history_page.js"), area: "imports", styles: ["imports"] },
  ],
  [
    "/customers/imports/:id",
    { load: () => import("./pages/imports/past_import_page.js"), area: "imports", styles: ["imports"] },
  ],
  [
    "/customers/attributes",
    { load: () => import("./pages/customers/attributes_page.js"), area: "customers", role: "manager" },
  ],
  ["/customers/:id", { load: () => import("./pages/people/person_page.js"), area: "people", styles: ["people"] }],
  ["/segments", { load: () => import("./pages/segments/list_page.js"), area: "segments" }],
  ["/segments/new", { ...SEGMENT, role: "manager" }],
  [
    "/segments/new-list",
    { load: () => import("./pages/segments/new_list_page.js"), area: "segments", role: "manager" },
  ],
  ["/segments/:id", SEGMENT],
  ["/help", { load: () => import("./pages/help/help_page.js"), area: "help", styles: ["help"] }],
  ["/suppressions", { load: () => import("./pages/suppressions/list_page.js"), area: "people" }],
  ["/settings", { load: () => import("./pages/settings/members_page.js"), area: "settings", role: "admin" }],
  ["/settings/members", { load: () => import("./pages/settings/members_page.js"), area: "settings", role: "admin" }],
  ["/settings/topics", { load: () => import("./pages/settings/topics_page.js"), area: "settings", role: "admin" }],
  ["/settings/forms", { load: () => import("./pages/settings/forms_page.js"), area: "settings", role: "manager" }],
  ["/settings/keys", { load: () => import("./pages/settings/keys_page.js"), area: "settings", role: "admin" }],
  ["/settings/webhooks", { load: () => import("./pages/settings/webhooks_page.js"), area: "settings", role: "admin" }],
  [
    "/settings/audit",
    { load: () => import("./pages/settings/audit_page.js"), area: ["settings", "campaign"], role: "admin" },
  ],
  ["/kit", { load: () => import("./pages/kit/kit_page.js"), area: "kit", isLocalOnly: true }],
];

/**
 * The main navigation: at most five on a phone.
 *
 * @type {{href: string, text: keyof Ui.Texts["common"]["navigation"], icon: import("./ui/basic.js").IconName, role?: Ui.Role}[]}
 */
export const NAVIGATION = [
  { href: "/", text: "home", icon: "home" },
  { href: "/campaigns", text: "campaigns", icon: "send" },
  { href: "/customers", text: "customers", icon: "people" },
  { href: "/segments", text: "segments", icon: "segment" },
  { href: "/settings", text: "settings", icon: "settings", role: "admin" },
];
