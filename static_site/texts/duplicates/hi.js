/** The texts of the page about customers who share an address, in Hindi: the keys of `en.js`. */

import { number } from "../format.js";

export default {
  title: () => "एक जैसे ग्राहक",
  lead: () => "एक ही पते वाले ग्राहक। हो सकता है कि यह एक ही व्यक्ति हो जो दो बार जुड़ गया, या एक परिवार हो।",
  all: () => "ग्राहक",
  empty: { title: () => "कोई दोहराव नहीं", text: () => "किन्हीं दो ग्राहकों का ई-मेल पता या फ़ोन नंबर एक नहीं है।" },
  group: (/** @type {number} */ total, /** @type {string} */ address) => `${address} वाले ${number(total)} ग्राहक`,
  more: (/** @type {number} */ value) => `और ${number(value)} ग्राहक। इतने लोगों के एक पते से किसी को न मिलाएँ: पहले उन्हें देखें।`,
  columns: {
    name: () => "नाम",
    id: () => "बाहरी आईडी",
    orders: () => "ऑर्डर",
    spend: () => "खर्च",
    created: () => "जोड़ा गया",
  },
  stays: () => "रहेगा",
  keep: () => "इसे रखें",
  merge: () => "मिलाएँ",
  dialog: {
    title: (/** @type {string} */ merged, /** @type {string} */ kept) => `${merged} को ${kept} में मिलाएँ?`,
    moves: (/** @type {number} */ activities, /** @type {number} */ sent) =>
      `${number(activities)} ऑर्डर और विज़िट तथा ${number(sent)} संदेश रहने वाले ग्राहक के पास जाएँगे। खर्च और विज़िट जुड़ जाएँगे, और किसी चैनल के लिए “नहीं” बना रहेगा।`,
    conflicts: () => "दोनों का मान है। रहने वाले ग्राहक का मान रखा जाएगा:",
    conflict: (/** @type {string} */ field, /** @type {string} */ kept, /** @type {string} */ dropped) =>
      `${field}: ${kept} (${dropped} नहीं)`,
    final: () => "इसे वापस नहीं किया जा सकता।",
    confirm: () => "हमेशा के लिए मिलाएँ",
    done: (/** @type {string} */ name) => `अब दोनों ${name} हैं।`,
  },
};
