/** The texts of the customers' pages in Hindi: the keys of `en.js`. */

import { number } from "../format.js";

export default {
  title: () => "ग्राहक",
  add: () => "ग्राहक जोड़ें",
  duplicates: () => "एक जैसे ग्राहक",
  campaign: () => "इनके लिए नया अभियान",
  import: () => "आयात करें",
  search: () => "खोजें",
  searchHint: () => "नाम, ई-मेल या फ़ोन",
  filter: () => "नियम से छाँटें",
  rule: () => "नियम",
  ruleHint: () => 'जैसे: spend > 10000 AND city = "Pune"',
  total: (/** @type {number} */ people) => `${number(people)} ग्राहक`,
  csv: (/** @type {number} */ people) => `${number(people)} ग्राहक CSV के रूप में डाउनलोड करें`,
  columns: {
    name: () => "नाम",
    email: () => "ई-मेल",
    phone: () => "फ़ोन",
    city: () => "शहर",
    spend: () => "ख़र्च",
    visits: () => "विज़िट",
    lastActive: () => "आख़िरी बार सक्रिय",
  },
  order: () => "क्रम",
  orders: {
    newest: () => "नए पहले",
    name: () => "नाम: अ से ज्ञ",
    spend: () => "ख़र्च: ज़्यादा पहले",
    visits: () => "विज़िट: ज़्यादा पहले",
    lastActive: () => "आख़िरी बार सक्रिय: नए पहले",
  },
  form: {
    title: () => "ग्राहक जोड़ें",
    externalId: () => "बाहरी ID",
    externalIdHint: () => "आपके अपने सिस्टम में ग्राहक की ID।",
    submit: () => "ग्राहक सहेजें",
    someone: () => "ग्राहक",
    created: (/** @type {string} */ name) => `${name} जोड़े गए।`,
    updated: (/** @type {string} */ name) => `${name} पहले से थे, अपडेट किए गए।`,
    unchanged: (/** @type {string} */ name) => `${name} इसी जानकारी के साथ पहले से थे।`,
  },
  empty: {
    title: () => "अभी कोई ग्राहक नहीं",
    text: () => "अपनी दुकान या स्प्रेडशीट की फ़ाइल आयात करें, या एक व्यक्ति हाथ से जोड़ें।",
    viewer: () => "प्रबंधक के जोड़े ग्राहक यहाँ दिखेंगे।",
  },
  wrongRule: {
    title: () => "नियम अभी पढ़ा नहीं जा सकता",
    text: () => "इसे ठीक करें, और ग्राहक यहाँ दिखेंगे।",
  },
  noMatch: { title: () => "कोई ग्राहक नहीं मिला", text: () => "नाम, ई-मेल या फ़ोन का कोई हिस्सा खोजें।" },
  showAll: () => "सभी ग्राहक दिखाएँ",
  bulk: {
    title: () => "चुने हुए ग्राहक",
    select: (/** @type {string} */ name) => `${name} को चुनें`,
    selected: (/** @type {number} */ value) => `${number(value)} चुने हुए`,
    all: (/** @type {number} */ value) => `मेल खाने वाले सभी ${number(value)} चुनें`,
    clear: () => "किसी को न चुनें",
    progress: (/** @type {number} */ done, /** @type {number} */ total) => `${number(total)} में से ${number(done)} पूरे`,
    tags: {
      open: () => "टैग",
      title: (/** @type {number} */ value) => `${number(value)} लोगों के टैग`,
      mode: () => "क्या करना है",
      modes: { add: () => "टैग जोड़ें", remove: () => "टैग हटाएँ" },
      tag: () => "टैग",
      add: (/** @type {number} */ value) => `${number(value)} लोगों में जोड़ें`,
      remove: (/** @type {number} */ value) => `${number(value)} लोगों से हटाएँ`,
      added: (/** @type {number} */ value, /** @type {string} */ tag, /** @type {number} */ before) =>
        `${number(value)} लोगों को टैग “${tag}” मिला।${before ? ` ${number(before)} के पास पहले से था।` : ""}`,
      removed: (/** @type {number} */ value, /** @type {string} */ tag, /** @type {number} */ before) =>
        `${number(value)} लोगों से टैग “${tag}” हटाया गया।${before ? ` ${number(before)} के पास नहीं था।` : ""}`,
    },
    suppress: {
      open: () => "रोकें",
      title: (/** @type {number} */ value) => `${number(value)} लोगों को आगे कुछ न भेजें?`,
      text: () => "इनके सभी पते रोक दिए जाएँगे, उनके लिए भी जिनका पता यही है। इसे केवल एडमिन हटा सकते हैं, एक-एक पता करके।",
      reason: () => "कारण",
      submit: (/** @type {number} */ value) => `${number(value)} लोगों को रोकें`,
      done: (/** @type {number} */ value, /** @type {number} */ before) =>
        `${number(value)} लोगों को अब कोई संदेश नहीं जाएगा।${before ? ` ${number(before)} के पास पता नहीं था, या वह पहले से रुका था।` : ""}`,
    },
    campaign: {
      open: () => "नया अभियान",
      title: (/** @type {number} */ value) => `${number(value)} लोगों के लिए नया अभियान`,
      text: () => "इन्हें एक टैग मिलेगा, और अभियान उन सबके लिए होगा जिनके पास वह टैग है। टैग बाद में हटा सकते हैं।",
      tag: () => "टैग",
      name: (/** @type {string} */ at) => `चुने गए ${at}`,
      submit: () => "संदेश लिखें",
    },
  },
};
