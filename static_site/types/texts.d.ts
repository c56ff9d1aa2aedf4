/** The texts of each area, for `texts(area)`. Each new area adds its line. */

declare namespace Ui {
  interface Texts {
    common: typeof import("../texts/en.js").default;
    audience: typeof import("../texts/audience/en.js").default;
    campaign: typeof import("../texts/campaign/en.js").default;
    campaigns: typeof import("../texts/campaigns/en.js").default;
    customers: typeof import("../texts/customers/en.js").default;
    editor: typeof import("../texts/editor/en.js").default;
    help: typeof import("../texts/help/en.js").default;
    home: typeof import("../texts/home/en.js").default;
    imports: typeof import("../texts/imports/en.js").default;
    duplicates: typeof import("../texts/duplicates/en.js").default;
    people: typeof import("../texts/people/en.js").default;
    plan: typeof import("../texts/plan/en.js").default;
    segments: typeof import("../texts/segments/en.js").default;
    shortcuts: typeof import("../texts/shortcuts/en.js").default;
    settings: typeof import("../texts/settings/en.js").default;
    kit: typeof import("../texts/kit/en.js").default;
  }
}
