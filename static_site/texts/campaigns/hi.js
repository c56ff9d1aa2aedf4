/** The texts of the campaigns' pages in Hindi: the keys of `en.js`. */

import { number } from "../format.js";

export default {
  title: () => "अभियान",
  create: () => "नया अभियान",
  search: () => "नाम से खोजें",
  tabs: {
    label: () => "स्थिति के अनुसार अभियान",
    all: () => "सभी",
    running: () => "चालू",
    scheduled: () => "तय समय पर",
    drafts: () => "मसौदे",
    done: () => "पूरे हुए",
    archived: () => "संग्रह",
  },
  columns: {
    name: () => "नाम",
    state: () => "स्थिति",
    audience: () => "लोग",
    results: () => "परिणाम",
    sent: () => "भेजे गए",
    created: () => "बनाया गया",
    actions: () => "कार्रवाई",
  },
  noName: () => "बिना नाम का अभियान",
  nobody: () => "कोई नहीं",
  actionsFor: (/** @type {string} */ name) => `${name}: कार्रवाई`,
  copy: () => "कॉपी बनाएँ",
  copied: () => "यह एक कॉपी है। शुरू करने तक कुछ नहीं भेजा जाएगा।",
  archive: () => "संग्रह में रखें",
  archived: (/** @type {string} */ name) => `“${name}” संग्रह में रखा गया। परिणाम बने रहते हैं।`,
  restore: () => "सूची में वापस लाएँ",
  remove: () => "मसौदा मिटाएँ",
  removing: {
    title: (/** @type {string} */ name) => `मसौदा “${name}” मिटाएँ?`,
    text: () => "कुछ नहीं भेजा गया है। मिटाया हुआ मसौदा वापस नहीं आएगा।",
    confirm: () => "मसौदा मिटाएँ",
    done: (/** @type {string} */ name) => `मसौदा “${name}” मिटाया गया।`,
  },
  results: (/** @type {string} */ name) => `${name} के परिणाम`,
  audience: (/** @type {number} */ people) => `${number(people)} ${people === 1 ? "व्यक्ति" : "लोग"}`,
  startsAt: (/** @type {string} */ at) => `${at} शुरू होगा`,
  empty: {
    title: () => "अभी कोई अभियान नहीं",
    text: () => "लोग चुनें और एक संदेश लिखें: हर व्यक्ति को उसका अपना संदेश मिलेगा।",
    viewer: () => "प्रबंधक के बनाए अभियान यहाँ दिखेंगे।",
  },
  noMatch: { title: () => "कोई अभियान नहीं मिला", text: () => "दूसरा नाम आज़माएँ, या सभी अभियान देखें।" },
  showAll: () => "सभी अभियान दिखाएँ",
};
