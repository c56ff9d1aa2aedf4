/** The common texts in Hindi: the keys of `en.js`. */

import { number } from "./format.js";

export default {
  product: () => "Herald",
  pageTitle: (/** @type {string} */ title) => `${title} · Herald`,
  loading: () => "लोड हो रहा है…",
  skipToContent: () => "सामग्री पर जाएँ",
  leaveQuestion: () => "इस पेज पर ऐसे बदलाव हैं जो सहेजे नहीं गए हैं।",
  leaveTitle: () => "बिना सहेजे छोड़ें?",
  leave: () => "छोड़ें",
  stay: () => "यहीं रहें",
  nothing: () => "–",

  actions: {
    cancel: () => "रद्द करें",
    close: () => "बंद करें",
    retry: () => "फिर कोशिश करें",
    undo: () => "वापस लें",
    save: () => "सहेजें",
    loadMore: () => "और दिखाएँ",
    clear: () => "हटाएँ",
    more: () => "और विकल्प",
    dismiss: () => "बंद करें",
  },

  navigation: {
    main: () => "मुख्य",
    home: () => "होम",
    campaigns: () => "अभियान",
    customers: () => "ग्राहक",
    segments: () => "सेगमेंट",
    suppressions: () => "रोके गए पते",
    settings: () => "सेटिंग",
    more: () => "और",
    kit: () => "किट",
  },

  account: {
    menu: (/** @type {string} */ email) => `${email} का खाता`,
    signedInAs: () => "साइन इन है",
    roles: { viewer: () => "दर्शक", manager: () => "प्रबंधक", admin: () => "एडमिन" },
    language: () => "भाषा",
    languages: { en: () => "English", hi: () => "हिन्दी" },
    theme: () => "थीम",
    themes: { system: () => "डिवाइस जैसी", light: () => "हल्की", dark: () => "गहरी" },
    signOut: () => "साइन आउट करें",
  },

  signIn: {
    title: () => "Herald में साइन इन करें",
    lead: () => "हर व्यक्ति को उसका अपना संदेश, ठीक एक बार।",
    points: () => [
      "लोगों को उनकी ख़रीद से चुनें, और लिखते-लिखते संख्या देखें",
      "हर व्यक्ति के लिए Gemini का लिखा अलग संदेश",
      "किसे मिला, किसे नहीं, और क्यों",
    ],
    google: () => "Google से साइन इन करें",
    local: () => "स्थानीय साइन इन",
    localHint: () => "यह स्थानीय स्टैक है। हर पता चलता है, और पासवर्ड नहीं है।",
    email: () => "ई-मेल",
    done: () => "आप साइन इन हैं",
    loading: () => "साइन इन हो रहा है…",
    againTitle: () => "फिर से साइन इन करें",
    againText: () => "आपका सत्र समाप्त हो गया। साइन इन करें, काम वहीं से चलेगा। कुछ भी नहीं खोया।",
    offlineTitle: () => "साइन इन सेवा तक नहीं पहुँच पा रहे",
    offlineText: () => "अपना कनेक्शन देखें। आपके बदलाव यहीं हैं।",
    errors: {
      "auth/internal-error": () => "Google का साइन इन नहीं खुल रहा। कनेक्शन देखें और फिर कोशिश करें।",
      "auth/popup-blocked": () => "ब्राउज़र ने साइन इन की विंडो रोक दी। इस साइट के लिए पॉप-अप की अनुमति दें।",
      "auth/network-request-failed": () => "साइन इन सेवा तक नहीं पहुँच पा रहे। कनेक्शन देखें और फिर कोशिश करें।",
      "auth/unauthorized-domain": () => "यह पता Firebase प्रोजेक्ट के अधिकृत डोमेन में नहीं है।",
    },
  },

  notAMember: {
    title: () => "आपको अभी अनुमति नहीं है",
    text: (/** @type {string} */ email) =>
      `आप ${email} से साइन इन हैं, पर इस Herald के सदस्य नहीं हैं। किसी एडमिन से जोड़ने को कहें।`,
    other: () => "दूसरा खाता चुनें",
  },

  notFound: {
    title: () => "पेज नहीं मिला",
    text: () => "लिंक पुराना या ग़लत हो सकता है।",
    action: () => "होम पर जाएँ",
  },

  notAllowed: {
    title: () => "आप यह पेज नहीं खोल सकते",
    text: (/** @type {string} */ role) => `यह केवल ${role} के लिए है। अपने संगठन के एडमिन से पूछें।`,
  },

  table: {
    sortBy: (/** @type {string} */ title) => `${title} से क्रम लगाएँ`,
    moreLoaded: (/** @type {number} */ total) => `पेज पर ${number(total)} पंक्तियाँ`,
  },

  form: {
    saving: () => "सहेजा जा रहा है…",
    savedAgo: (/** @type {string} */ ago) => `${ago} सहेजा गया`,
    notSaved: () => "अभी सहेजा नहीं गया",
  },

  states: {
    draft: () => "मसौदा",
    scheduled: () => "निर्धारित",
    running: () => "चल रहा है",
    paused: () => "रुका हुआ",
    finished: () => "पूरा हुआ",
    cancelled: () => "रद्द",
    sent: () => "भेजे गए",
    failed: () => "विफल",
    skipped: () => "छोड़े गए",
    pending: () => "बाक़ी",
  },

  person: { noName: () => "नाम नहीं" },

  errors: {
    stale: (/** @type {string} */ reason) => `यह पुराना हो सकता है। ${reason}`,
    requests: /** @type {Record<string, () => string>} */ ({
      unreachable: () => "Herald तक नहीं पहुँच पा रहे। कनेक्शन देखें और फिर कोशिश करें।",
      unreadable: () => "Herald का उत्तर यह पेज नहीं पढ़ सका। पेज फिर से लोड करें।",
      signed_out: () => "आप साइन आउट हैं।",
    }),
    fields: /** @type {Record<string, () => string>} */ ({
      missing: () => "इसे भरें।",
      string_too_short: () => "इसे भरें।",
      empty: () => "इसे भरें।",
      string_too_long: () => "यह बहुत लंबा है।",
      too_long: () => "यह बहुत लंबा है।",
      int_parsing: () => "पूरी संख्या लिखें, जैसे 12।",
      int_from_float: () => "पूरी संख्या लिखें, जैसे 12।",
      float_parsing: () => "संख्या लिखें, जैसे 1250.50।",
      decimal_parsing: () => "संख्या लिखें, जैसे 1250.50।",
      finite_number: () => "संख्या लिखें, जैसे 1250.50।",
      greater_than_equal: () => "यह संख्या बहुत छोटी है।",
      greater_than: () => "यह संख्या बहुत छोटी है।",
      less_than_equal: () => "यह संख्या बहुत बड़ी है।",
      less_than: () => "यह संख्या बहुत बड़ी है।",
      datetime_parsing: () => "तारीख़ लिखें, जैसे 2026-11-27।",
      datetime_from_date_parsing: () => "तारीख़ लिखें, जैसे 2026-11-27।",
      date_from_datetime_parsing: () => "तारीख़ लिखें, जैसे 2026-11-27।",
      past: () => "भविष्य का समय चुनें।",
      identity: () => "ई-मेल पता, फ़ोन नंबर या बाहरी ID भरें।",
      taken: () => "यह नाम पहले से है।",
      not_available: () => "यह यहाँ उपलब्ध नहीं है।",
    }),
  },
};
