/** The common texts in English: functions of their arguments. `hi.js` has the same keys. */

import { count, number } from "./format.js";

export default {
  product: () => "Herald",
  pageTitle: (/** @type {string} */ title) => `${title} · Herald`,
  loading: () => "Loading…",
  skipToContent: () => "Skip to content",
  leaveQuestion: () => "This page has changes that are not saved.",
  leaveTitle: () => "Leave without saving?",
  leave: () => "Leave",
  stay: () => "Stay here",
  nothing: () => "–",

  actions: {
    cancel: () => "Cancel",
    close: () => "Close",
    retry: () => "Try again",
    undo: () => "Undo",
    save: () => "Save",
    loadMore: () => "Load more",
    clear: () => "Clear",
    more: () => "More actions",
    dismiss: () => "Dismiss",
  },

  navigation: {
    main: () => "Main",
    home: () => "Home",
    campaigns: () => "Campaigns",
    customers: () => "Customers",
    segments: () => "Segments",
    suppressions: () => "Suppressions",
    settings: () => "Settings",
  },

  account: {
    menu: (/** @type {string} */ email) => `Account of ${email}`,
    signedInAs: () => "Signed in as",
    roles: { viewer: () => "Viewer", manager: () => "Manager", admin: () => "Admin" },
    language: () => "Language",
    languages: { en: () => "English", hi: () => "हिन्दी" },
    theme: () => "Theme",
    themes: { system: () => "As the device", light: () => "Light", dark: () => "Dark" },
    help: () => "Help: rules by example",
    find: () => "Find anything",
    shortcuts: () => "Keyboard shortcuts",
    signOut: () => "Sign out",
  },

  signIn: {
    title: () => "Sign in to Herald",
    lead: () => "One personal message for every person in an audience, exactly once.",
    points: () => [
      "Choose people by what they bought, and see the count while you type",
      "Each person gets a text of their own, written by Gemini",
      "See who got it, who did not, and why",
    ],
    google: () => "Sign in with Google",
    local: () => "Sign in locally",
    localHint: () => "This is a local stack. Every address works, and there is no password.",
    email: () => "E-mail",
    done: () => "You are signed in",
    loading: () => "Signing you in…",
    againTitle: () => "Sign in again",
    againText: () => "Your session has ended. Sign in, and Herald continues where you were. Nothing is lost.",
    offlineTitle: () => "The sign-in service cannot be reached",
    offlineText: () => "Check your connection. Your changes are still here.",
    errors: {
      "auth/internal-error": () => "Google's sign-in cannot be opened. Check your connection and try again.",
      "auth/popup-blocked": () => "Your browser blocked the sign-in window. Allow pop-ups for this site and try again.",
      "auth/network-request-failed": () =>
        "The sign-in service cannot be reached. Check your connection and try again.",
      "auth/unauthorized-domain": () =>
        "This address is not in the list of authorized domains of the Firebase project.",
    },
  },

  notAMember: {
    title: () => "You do not have access yet",
    text: (/** @type {string} */ email) =>
      `You are signed in as ${email}, but you are not a member of this Herald. Please ask an admin to add you.`,
    other: () => "Use another account",
  },

  notFound: {
    title: () => "Page not found",
    text: () => "The link may be old or mistyped.",
    action: () => "Go to the home page",
  },

  notAllowed: {
    title: () => "You cannot open this page",
    text: (/** @type {string} */ role) => `Only a ${role} can. Ask an admin of your organisation.`,
  },

  table: {
    selectShown: () => "Select all that are shown",
    moreLoaded: (/** @type {number} */ total) =>
      `${number(total)} ${count(total, { one: "row", other: "rows" })} on the page`,
  },

  states: {
    draft: () => "Draft",
    scheduled: () => "Scheduled",
    running: () => "Running",
    paused: () => "Paused",
    finished: () => "Finished",
    cancelled: () => "Cancelled",
    sent: () => "Sent",
    failed: () => "Failed",
    skipped: () => "Skipped",
    unknown: () => "Unknown",
    pending: () => "Pending",
  },

  person: { noName: () => "No name" },
  everybodyElse: () => "Everybody else",

  /** Why a scheduled campaign did not start. */
  startErrors: /** @type {Partial<Record<Api.StartErrorCode, () => string>>} */ ({
    audience_gone: () => "Its segment does not exist any more: choose another one.",
    rule: () => "Its rule is not valid any more: look at it in the editor.",
    vendor: () => "This Herald does not have its vendor or channel any more: choose another one.",
    changed: () => "It was changed after it was checked: look at it, and schedule it again.",
    internal: () => "Herald had an internal error, which is in its log.",
  }),

  errors: {
    offline: () =>
      "You are offline. What you see may be out of date, and nothing can be saved until the connection is back. What you have typed stays here.",
    stale: (/** @type {string} */ reason) => `This may be out of date. ${reason}`,
    /** By the code of an `ApiError`. */
    requests: /** @type {Record<string, () => string>} */ ({
      unreachable: () => "Herald cannot be reached. Check your connection and try again.",
      unreadable: () => "Herald sent an answer that this page cannot read. Reload the page and try again.",
      signed_out: () => "You are signed out.",
      approval_needed: () =>
        "Two people who may send have to agree: one approves this campaign, and another one launches it.",
      too_many_requests: () => "That was too much at once. Wait a few seconds and try again.",
    }),
    /** By the code of a field's error. */
    fields: /** @type {Record<string, (error: Api.FieldError) => string>} */ ({
      ambiguous: () => "Two segments have this name.",
      amount_given: () => "Only an order or a refund has an amount.",
      amount_missing: () => "An order or a refund needs an amount.",
      attributes: () => "Use fewer or simpler attributes, with names of letters, digits and underscores.",
      cells: () => "This row has another number of cells than the header.",
      characters: () => "Remove the characters that are not allowed.",
      charset: () => "Save the file as UTF-8 and try again.",
      csv: () => "This row is not valid CSV.",
      currency: () => "Write amounts in the shop's currency.",
      cursor: () => "Load this list again from its start.",
      cycle: () => "Two segments contain each other.",
      date: () => "Enter a date, for example 2026-11-27.",
      domain_admin: () => "A whole domain cannot be admin. Invite one person.",
      email: () => "Enter an e-mail address, for example asha@example.com.",
      empty: () => "Fill this in.",
      encoding: () => "Save the file as UTF-8 and try again.",
      grouping: () => "Write the numbers of a list without thousands separators.",
      header: () => "The first line must name the columns.",
      identity: () => "Fill in an e-mail address, a phone number or an external ID.",
      in_use: ({ message }) => message || "Something else uses this.",
      invalid: () => "Check this value.",
      json: () => "This is not valid JSON.",
      language: () =>
        "Herald cannot check texts in this language. Write the message in another one, or without Gemini.",
      missing: () => "Fill this in.",
      nobody_matches: () => "Nobody matches. Choose a wider audience.",
      nobody_reachable: () => "Everybody who matches is excluded. Check consent and addresses.",
      consent: () => "This word says neither yes nor no.",
      undone: () => "This order was refunded or cancelled, so it counts nothing.",
      doubtful: () => "This can be read in several ways; check it.",
      misspelled: () => "The domain of this address looks misspelled.",
      not_available: () => "This is not available here.",
      not_found: () => "It does not exist any more.",
      one_of: () => "Fill in exactly one of these.",
      option: () => "Choose one of the options.",
      out_of_range: () => "Choose a time that is closer to now.",
      past: () => "Choose a time in the future.",
      phone: () => "Enter a phone number with its country, for example +91 98765 43210.",
      public_domain: () => "Anybody can have an address there. Invite one person.",
      forbidden_word: () => "There is a word that this campaign or this Herald forbids.",
      suppressed: () => "This address must not be written to, not even with a test.",
      range: () => "This number is too small or too large.",
      read_only: () => "Herald fills this in itself.",
      reused: () => "This was sent before with other content.",
      several_customers: () => "Several people have this address. Give an ID.",
      syntax: ({ position }) =>
        position ? `Herald cannot read this rule from character ${position} on.` : "Herald cannot read this rule.",
      taken: () => "Another one has this name already.",
      timezone: () => "Choose a time zone, for example Asia/Kolkata.",
      too_deep: () => "This has too many levels.",
      too_heavy: () => "This rule takes too much work. Make it simpler.",
      too_large: () => "This is too large.",
      too_long: () => "This is too long.",
      too_many: () => "There are too many parts.",
      too_short: () => "Fill this in.",
      type: () => "This is not the kind of value that belongs here.",
      unknown: () => "There is no such field or customer.",
      unknown_channel: () => "There is no such channel.",
      frequency_cap: () => "Write the cap like 3/7, or off.",
      quiet_hours: () => "Write quiet hours like 21:00-09:00, or off.",
      unknown_field: () => "There is no such field of customers.",
      unknown_message: () => "There is no such message.",
      web_address: () => "Write an address that begins with https://.",
      unknown_operator: () => "There is no such operator in rules.",
    }),
  },
};
