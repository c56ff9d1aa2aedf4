/** The texts of the suppressions in Hindi: the keys of `en.js`. */

import { number } from "../format.js";

export default {
  title: () => "रोके गए पते",
  lead: () => "Herald इन पतों पर कुछ नहीं भेजता। जो किसी ग्राहक के नहीं, उनकी केवल छाप रहती है; पूरा पता लिखकर खोजें।",
  back: () => "ग्राहक",
  add: () => "पता रोकें",
  csv: () => "CSV निर्यात करें",
  search: () => "खोजें",
  searchHint: () => "ई-मेल या फ़ोन",
  shown: (/** @type {number} */ shown, /** @type {boolean} */ hasMore) => `${number(shown)}${hasMore ? "+" : ""} पते`,
  columns: {
    address: () => "पता",
    kind: () => "प्रकार",
    reason: () => "कारण",
    by: () => "किसने",
    at: () => "कब से",
  },
  kinds: /** @type {Record<string, () => string>} */ ({ email: () => "ई-मेल", phone: () => "फ़ोन" }),
  /** By Herald's own reasons. */
  reasons: /** @type {Record<string, () => string>} */ ({
    erased: () => "मिटाया गया",
    "by hand": () => "हाथ से",
    unsubscribed: () => "सदस्यता छोड़ी",
    complained: () => "स्पैम की शिकायत",
    bounced: () => "संदेश लौट आया",
    "bounced three times": () => "तीन बार लौट आया",
  }),
  unreadable: () => "पता नहीं रखा गया",
  form: {
    kind: () => "प्रकार",
    address: () => "पता",
    reason: () => "कारण",
    reasonHint: () => "जैसे: फ़ोन पर कहा।",
    text: () => "अब से कोई अभियान इस पर नहीं लिखेगा, चल रहा अभियान भी नहीं।",
    done: (/** @type {string} */ address) => `${address} रोका गया।`,
  },
  lift: () => "रोक हटाएँ",
  liftOf: (/** @type {string} */ address) => `${address} की रोक हटाएँ`,
  liftTitle: (/** @type {string} */ address) => `${address} पर फिर से लिखें?`,
  liftText: () => "केवल तब, जब व्यक्ति ने ख़ुद कहा हो। Herald याद रखता है कि रोक किसने, कब और क्यों हटाई।",
  liftReason: () => "कारण",
  lifted: (/** @type {string} */ address) => `${address} पर फिर से लिखा जा सकता है।`,
  stillSuppressed: (/** @type {string} */ address, /** @type {string} */ reason) =>
    `संदेश लौटने की रोक हटा दी गई। ${address} दूसरे कारण से रुका रहता है: ${reason}।`,
  empty: {
    title: () => "कोई पता रोका नहीं गया",
    text: () => "सदस्यता छोड़ने, लौटने और शिकायत वाले पते यहाँ अपने आप आते हैं।",
  },
  noMatch: () => "कोई पता नहीं मिला",
  showAll: () => "सभी दिखाएँ",
};
