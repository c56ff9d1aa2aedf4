/** The texts of the import page in Hindi: the keys of `en.js`. */

import { number } from "../format.js";

const either = new Intl.ListFormat("hi", { type: "disjunction" });

export default {
  title: () => "ग्राहक आयात करें",
  lead: () => "जो ग्राहक पहले से हैं वे अपडेट होते हैं। जो फ़ाइल में नहीं है वह वैसा ही रहता है।",
  all: () => "ग्राहक",
  fileTitle: () => "1. फ़ाइल चुनें",
  file: () => "फ़ाइल",
  fileHint: () => "या यहाँ छोड़ें। किसी भी स्प्रेडशीट की CSV, NDJSON या JSON, 32 MB तक।",
  fileErrors: {
    empty: (/** @type {string[]} */ _kinds) => "यह फ़ाइल ख़ाली है।",
    tooLarge: (/** @type {string[]} */ _kinds) => "फ़ाइल 32 MB से बड़ी नहीं हो सकती। उसे बाँटकर आयात करें।",
    wrongKind: (/** @type {string[]} */ kinds) => `ऐसी फ़ाइल चुनें जिसके अंत में ${either.format(kinds)} हो।`,
  },
  columnsTitle: () => "2. कॉलम जाँचें",
  fieldOf: (/** @type {string} */ header) => `कॉलम ${header} का फ़ील्ड`,
  attribute: () => "कॉलम के नाम की विशेषता",
  leaveOut: () => "आयात न करें",
  duplicate: (/** @type {string} */ label) => `दो कॉलम ${label} नहीं हो सकते।`,
  noIdentifier: (/** @type {string[]} */ labels) => `वह कॉलम चुनें जिससे ग्राहक पहचाना जाए: ${either.format(labels)}।`,
  runTitle: (/** @type {number} */ step) => `${number(step)}. पंक्तियाँ जाँचें, फिर आयात करें`,
  check: () => "बिना सहेजे जाँचें",
  import: () => "आयात करें",
  uploading: () => "अपलोड हो रहा है…",
  running: () => "आयात",
  progress: (/** @type {number} */ done, /** @type {number} */ rows) => `${number(rows)} में से ${number(done)} पंक्तियाँ`,
  mayLeave: () => "आप यह पेज छोड़ सकते हैं। आयात चलता रहेगा, और यहीं मिलेगा।",
  resultTitle: () => "परिणाम",
  checked: () => "जाँच पूरी हुई। कुछ भी सहेजा नहीं गया।",
  imported: () => "आयात हो गया।",
  failed: () => "कुछ पंक्तियाँ नहीं हो सकीं। फ़ाइल फिर से आयात करें।",
  aborted: () => "अपलोड बीच में रुक गया। कुछ भी आयात नहीं हुआ।",
  kinds: {
    created: () => "नए",
    updated: () => "अपडेट हुए",
    unchanged: () => "वैसे ही",
    rejected: () => "अस्वीकृत",
  },
  would: {
    created: () => "नए होंगे",
    updated: () => "अपडेट होंगे",
    unchanged: () => "वैसे ही रहेंगे",
    rejected: () => "अस्वीकृत होंगे",
  },
  rejectedTitle: (/** @type {number} */ rows) => `${number(rows)} पंक्तियाँ अस्वीकृत`,
  rowError: (/** @type {string} */ field, /** @type {string} */ text) => `${field}: ${text}`,
  line: (/** @type {number} */ line) => `पंक्ति ${number(line)}`,
  rejectedHint: (/** @type {number} */ shown, /** @type {number} */ all) =>
    `${number(all)} में से ${number(shown)} दिख रही हैं। फ़ाइल में सभी कारण के साथ हैं: सुधारें और आयात करें।`,
  download: () => "अस्वीकृत पंक्तियाँ डाउनलोड करें",
  seeCustomers: () => "सभी ग्राहक देखें",
  again: () => "दूसरी फ़ाइल आयात करें",
};
