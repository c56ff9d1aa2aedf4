/** The texts of the keyboard's shortcuts in Hindi: the keys of `en.js`. */

export default {
  title: () => "कीबोर्ड शॉर्टकट",
  search: () => "इस सूची में खोजें",
  create: () => "नया अभियान",
  singleKeys: () => "बिना ⌘ या Ctrl वाली कुंजियाँ चलाएँ",
  singleKeysHint: () => "बोलकर लिखते हों, या कुंजियाँ ग़लती से दबती हों, तो इन्हें बंद करें।",
  find: {
    title: () => "कुछ भी खोजें",
    label: () => "क्या खोजना है",
    hint: () => "पेज, अभियान, ग्राहक या सेगमेंट",
    results: () => "जो मिला",
    none: () => "कुछ नहीं मिला।",
    page: () => "पेज",
    campaign: () => "अभियान",
    customer: () => "ग्राहक",
    segment: () => "सेगमेंट",
    noName: () => "बिना नाम का अभियान",
  },
  pages: {
    newCampaign: () => "नया अभियान",
    plan: () => "अपना लक्ष्य बताएँ",
    import: () => "ग्राहक आयात करें",
    duplicates: () => "एक जैसे ग्राहक",
    forms: () => "फ़ॉर्म",
    newSegment: () => "नया सेगमेंट",
    members: () => "सदस्य",
    keys: () => "API कुंजियाँ",
    audit: () => "ऑडिट लॉग",
  },
};
