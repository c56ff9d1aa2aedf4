/** The texts of the keyboard's shortcuts in English. `hi.js` has the same keys. */

export default {
  title: () => "Keyboard shortcuts",
  search: () => "Search this list",
  create: () => "New campaign",
  singleKeys: () => "Use the keys without ⌘ or Ctrl",
  singleKeysHint: () => "Switch them off if you speak to your device, or press keys by mistake.",
  find: {
    title: () => "Find anything",
    label: () => "What to find",
    hint: () => "A page, campaign, customer or segment",
    results: () => "Found",
    none: () => "Nothing found.",
    page: () => "Page",
    campaign: () => "Campaign",
    customer: () => "Customer",
    segment: () => "Segment",
    noName: () => "Campaign without a name",
  },
  pages: {
    newCampaign: () => "New campaign",
    plan: () => "Describe your goal",
    import: () => "Import customers",
    duplicates: () => "Duplicates",
    forms: () => "Forms",
    newSegment: () => "New segment",
    members: () => "Members",
    keys: () => "API keys",
    audit: () => "Audit log",
  },
};
