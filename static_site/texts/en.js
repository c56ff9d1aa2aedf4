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
    more: () => "More",
    kit: () => "Kit",
  },

  account: {
    menu: (/** @type {string} */ email) => `Account of ${email}`,
    signedInAs: () => "Signed in as",
    roles: { viewer: () => "Viewer", manager: () => "Manager", admin: () => "Admin" },
    language: () => "Language",
    languages: { en: () => "English", hi: () => "हिन्दी" },
    theme: () => "Theme",
    themes: { system: () => "As the device", light: () => "Light", dark: () => "Dark" },
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
    sortBy: (/** @type {string} */ title) => `Sort by ${title}`,
    moreLoaded: (/** @type {number} */ total) =>
      `${number(total)} ${count(total, { one: "row", other: "rows" })} on the page`,
  },

  form: {
    saving: () => "Saving…",
    savedAgo: (/** @type {string} */ ago) => `Saved ${ago}`,
    notSaved: () => "Not saved yet",
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
    pending: () => "Pending",
  },

  person: { noName: () => "No name" },

  errors: {
    stale: (/** @type {string} */ reason) => `This may be out of date. ${reason}`,
    /** By the code of an `ApiError`. */
    requests: /** @type {Record<string, () => string>} */ ({
      unreachable: () => "Herald cannot be reached. Check your connection and try again.",
      unreadable: () => "Herald sent an answer that this page cannot read. Reload the page and try again.",
      signed_out: () => "You are signed out.",
    }),
    /** By the code of a field's error. */
    fields: /** @type {Record<string, () => string>} */ ({
      missing: () => "Fill this in.",
      string_too_short: () => "Fill this in.",
      empty: () => "Fill this in.",
      string_too_long: () => "This is too long.",
      too_long: () => "This is too long.",
      int_parsing: () => "Enter a whole number, for example 12.",
      int_from_float: () => "Enter a whole number, for example 12.",
      float_parsing: () => "Enter a number, for example 1250.50.",
      decimal_parsing: () => "Enter a number, for example 1250.50.",
      finite_number: () => "Enter a number, for example 1250.50.",
      greater_than_equal: () => "This number is too small.",
      greater_than: () => "This number is too small.",
      less_than_equal: () => "This number is too large.",
      less_than: () => "This number is too large.",
      datetime_parsing: () => "Enter a date, for example 2026-11-27.",
      datetime_from_date_parsing: () => "Enter a date, for example 2026-11-27.",
      date_from_datetime_parsing: () => "Enter a date, for example 2026-11-27.",
      past: () => "Choose a time in the future.",
      identity: () => "Fill in an e-mail address, a phone number or an external ID.",
      taken: () => "Another one has this name already.",
      not_available: () => "This is not available here.",
    }),
  },
};
