/** The texts of the home page in Hindi: the keys of `en.js`. */

import { number } from "../format.js";

/** `1 व्यक्ति`, `5 लोग`. */
const people = (/** @type {number} */ value) => `${number(value)} ${value === 1 ? "व्यक्ति" : "लोग"}`;
/** Before a postposition: `1 व्यक्ति को`, `5 लोगों को`. */
const ofPeople = (/** @type {number} */ value) => `${number(value)} ${value === 1 ? "व्यक्ति" : "लोगों"}`;

export default {
  title: () => "होम",
  create: () => "नया अभियान",
  plan: () => "अपना लक्ष्य बताएँ",
  figures: () => "आँकड़े",
  customers: () => "ग्राहक",
  growth: (/** @type {number} */ value, /** @type {number} */ days) => `${number(days)} दिनों में ${number(value)} नए`,
  growthOf: (/** @type {string} */ all, /** @type {string} */ growth) => `${all} ग्राहक, ${growth}`,
  running: () => "अभी चल रहे",
  campaigns: () => "अभियान",
  drafts: (/** @type {number} */ value) => `${number(value)} ${value === 1 ? "मसौदा" : "मसौदे"}`,
  finished: (/** @type {number} */ value) => `${number(value)} पूरे हुए`,
  sent: () => "पिछले अभियानों में भेजे गए",
  failed: () => "पिछले अभियानों में विफल",
  rate: (/** @type {string} */ rate) => `कुल लोगों का ${rate}`,
  now: {
    title: () => "अभी",
    empty: () => "कोई अभियान चालू, रुका हुआ या तय नहीं है।",
    name: () => "नाम",
    state: () => "स्थिति",
    results: () => "परिणाम",
    progress: () => "लोग",
    when: () => "कब",
    actions: () => "विकल्प",
    pause: () => "रोकें",
    resume: () => "फिर चालू करें",
    named: {
      pause: (/** @type {string} */ name) => `${name} को रोकें`,
      resume: (/** @type {string} */ name) => `${name} को फिर चालू करें`,
    },
  },
  lastDays: {
    reached: () => "लोगों तक पहुँचे",
    delivered: () => "पहुँचाए गए",
    opened: () => "खोले गए",
    unsubscribed: () => "सदस्यता छोड़ी",
    revenue: () => "अभियानों के बाद आय",
    change: (/** @type {string} */ part, /** @type {number} */ days) => `पिछले ${number(days)} दिनों से ${part}`,
    none: (/** @type {number} */ days) => `${number(days)} दिनों में; पहले कुछ नहीं`,
    rateBefore: (/** @type {string} */ part, /** @type {number} */ days) => `उससे पहले ${number(days)} दिनों में ${part}`,
    countBefore: (/** @type {number | null} */ value, /** @type {number} */ days) =>
      value === null ? `${number(days)} दिनों में` : `उससे पहले ${number(days)} दिनों में ${number(value)}`,
    tooMany: () => "जोड़ने के लिए बहुत अभियान हैं",
    notReported: () => "30 दिनों में कोई सूचना नहीं",
  },
  resultsOf: (/** @type {string} */ name) => `${name} के परिणाम`,
  people,
  startsAt: (/** @type {string} */ at) => `${at} शुरू होगा`,
  noName: () => "बिना नाम का अभियान",
  attention: {
    title: () => "ध्यान दें",
    start_error: (/** @type {string} */ detail) => `शुरू नहीं हो सका। ${detail}`,
    failures: (/** @type {number} */ value, /** @type {string} */ rate) =>
      `${ofPeople(value)} तक नहीं पहुँचा, यानी भेजे गए लोगों का ${rate}।`,
    discrepancy: () => "की संख्याएँ मेल नहीं खातीं।",
    vendor_deferred: (/** @type {number} */ value) => `के ${number(value)} संदेश भेजने वाली सेवा के लिए रुके हैं।`,
  },
  last: { title: () => "पिछले अभियान", all: () => "सभी अभियान", empty: () => "अभी कोई अभियान पूरा नहीं हुआ।" },
  imports: {
    title: () => "पिछले आयात",
    all: () => "सभी आयात",
    columns: { file: () => "फ़ाइल", rows: () => "पंक्तियाँ", by: () => "किसने", at: () => "कब" },
    rows: (/** @type {number} */ value) => `${number(value)} पंक्तियाँ`,
    what: /** @type {Record<string, () => string>} */ ({ customers: () => "ग्राहक", activities: () => "ऑर्डर और विज़िट" }),
  },
  steps: {
    title: () => "शुरुआत",
    lead: () => "पहले अभियान तक चार क़दम।",
    done: () => "हो गया",
    customers: {
      title: () => "ग्राहक जोड़ें",
      text: () => "अपनी दुकान या स्प्रेडशीट की फ़ाइल आयात करें।",
      action: () => "आयात करें",
    },
    segment: {
      title: () => "चुनें कि किसे लिखना है",
      text: () => "एक सेगमेंट सहेजें, जैसे वे लोग जिन्होंने 90 दिनों से कुछ नहीं ख़रीदा।",
      action: () => "सेगमेंट",
    },
    draft: {
      title: () => "संदेश लिखें",
      text: () => "एक संदेश लिखें, हर व्यक्ति को उसका अपना संदेश मिलेगा।",
      action: () => "नया अभियान",
    },
    launch: {
      title: () => "शुरू करें",
      text: () => "सिम्युलेटर कुछ नहीं भेजता, इसलिए पहली बार बेफ़िक्र होकर शुरू करें।",
      action: () => "अभियान",
    },
    viewer: () => "प्रबंधक के तैयारी करने पर आपको यहाँ अभियान दिखेंगे।",
  },
};
