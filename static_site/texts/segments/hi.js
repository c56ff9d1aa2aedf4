/** The texts of the segments in Hindi: the keys of `en.js`. */

import { number } from "../format.js";

const people = (/** @type {number} */ value) => `${number(value)} लोग`;

export default {
  title: () => "सेगमेंट",
  lead: () => "ग्राहकों के समूह, नियम से या लोगों की सूची से। अभियान और नियम इन्हें काम में लेते हैं।",
  add: () => "नया सेगमेंट",
  newTitle: () => "नया सेगमेंट",
  columns: {
    name: () => "नाम",
    words: () => "इसमें कौन हैं",
    count: () => "ग्राहक",
    sizes: () => "पिछले दिन",
    used: () => "उपयोग",
  },
  sizes: {
    title: () => "पिछले दिनों में संख्या",
    counted: (/** @type {string} */ day) => `${day} को ग्राहक`,
    change: (/** @type {number} */ by, /** @type {string} */ day) =>
      by ? `${day} से ${number(Math.abs(by))} ${by > 0 ? "ज़्यादा" : "कम"}` : `${day} जितने ही`,
    course: (
      /** @type {number} */ from,
      /** @type {string} */ first,
      /** @type {number} */ to,
      /** @type {string} */ last,
    ) => `${first} को ${number(from)}, ${last} को ${number(to)}`,
  },
  used: (/** @type {number} */ uses) => (uses ? `${number(uses)} अभियान` : "–"),
  shown: (/** @type {number} */ total) => `${number(total)} सेगमेंट`,
  name: () => "नाम",
  rule: () => "नियम",
  save: () => "सहेजें",
  saved: (/** @type {string} */ name) => `“${name}” सहेजा गया।`,
  remove: () => "मिटाएँ",
  campaign: () => "इनके लिए नया अभियान",
  removeTitle: (/** @type {string} */ name) => `“${name}” मिटाएँ?`,
  removeText: (/** @type {number} */ uses) =>
    uses
      ? `यह ${number(uses)} अभियानों का समूह है। उनका नियम वही रहता है।`
      : "कोई अभियान इसे काम में नहीं लेता। यह वापस नहीं हो सकता।",
  inUse: (/** @type {string} */ name, /** @type {string[]} */ users) =>
    `“${name}” अभी नहीं मिट सकता। ये अभियान तय हैं या इसके साथ चल रहे हैं: ${users.join(", ")}।`,
  removed: (/** @type {string} */ name) => `“${name}” मिटाया गया।`,
  now: () => "अभी",
  usedBy: () => "इन अभियानों में",
  noName: () => "बिना नाम का अभियान",
  list: {
    add: () => "लोगों की नई सूची",
    lead: () => "ऐसा सेगमेंट जिसमें आपके चुने लोग हैं: मेहमान, किसी साथी की सूची, किसी कार्यक्रम में आए लोग।",
    create: () => "सूची बनाएँ",
    words: (/** @type {number} */ entries) => `${people(entries)} की सूची`,
    numbers: () => "सूची के आँकड़े",
    entries: () => "सूची में",
    customers: () => "इनमें से अभी ग्राहक",
    unknown: () => "अभी ग्राहक नहीं",
    unknownHint: () => "ग्राहक बनते ही ये भी जुड़ जाएँगे।",
    change: () => "सूची बदलें",
    mode: () => "क्या करना है",
    modes: { add: () => "लोग जोड़ें", remove: () => "लोग हटाएँ", replace: () => "सब लोग बदलें" },
    people: () => "लोग",
    peopleHint: () => "आईडी, ई-मेल पते या फ़ोन नंबर: हर पंक्ति में एक, या बीच में कॉमा।",
    file: () => "या कोई फ़ाइल",
    fileHint: () => "तालिका (CSV, Excel) जिसके एक कॉलम में आईडी, ई-मेल पते या फ़ोन नंबर हों।",
    fileErrors: {
      empty: () => "यह फ़ाइल ख़ाली है।",
      tooLarge: () => "यह फ़ाइल बहुत बड़ी है: ज़्यादा से ज़्यादा 32 MB।",
      wrongKind: () => "CSV, Excel, JSON या टेक्स्ट फ़ाइल चुनें।",
    },
    check: () => "जाँचें",
    questions: {
      add: (/** @type {number} */ value) => `${people(value)} जोड़ें?`,
      remove: (/** @type {number} */ value) => `${people(value)} हटाएँ?`,
      replace: (/** @type {number} */ value) => `सबकी जगह ${people(value)} रखें?`,
    },
    known: (/** @type {number} */ value) => `${number(value)} ग्राहक हैं।`,
    unknownPeople: (/** @type {number} */ value) => `${people(value)} अभी ग्राहक नहीं हैं।`,
    repeated: (/** @type {number} */ value) => `${number(value)} दो बार लिखे हैं।`,
    rejected: (/** @type {number} */ value) => `${number(value)} पंक्तियों में किसी का नाम नहीं है; वे छोड़ी गईं।`,
    after: (/** @type {number} */ entries, /** @type {number} */ customers) =>
      `फिर सूची में ${people(entries)} होंगे, जिनमें से ${number(customers)} अभी ग्राहक हैं।`,
    row: (/** @type {number} */ row) => `पंक्ति ${number(row)}:`,
    done: (/** @type {number} */ customers) => `सूची में अब ${number(customers)} ग्राहक हैं।`,
    tooMany: (/** @type {number} */ limit) => `सूची बहुत लंबी हो रही है: उसमें ${people(limit)} तक हो सकते हैं।`,
  },
  empty: { title: () => "अभी कोई सेगमेंट नहीं", text: () => "सेगमेंट नाम वाला नियम है, जैसे: पुणे के नियमित ग्राहक।" },
};
