/** The texts of the segments in Hindi: the keys of `en.js`. */

import { number } from "../format.js";

export default {
  title: () => "सेगमेंट",
  lead: () => "नियम से बने ग्राहकों के समूह। अभियान और दूसरे नियम इन्हें काम में लेते हैं।",
  add: () => "नया सेगमेंट",
  newTitle: () => "नया सेगमेंट",
  columns: { name: () => "नाम", words: () => "इसमें कौन हैं", count: () => "ग्राहक", used: () => "उपयोग" },
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
  empty: { title: () => "अभी कोई सेगमेंट नहीं", text: () => "सेगमेंट नाम वाला नियम है, जैसे: पुणे के नियमित ग्राहक।" },
};
