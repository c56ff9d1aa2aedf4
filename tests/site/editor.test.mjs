/** The pure parts of the campaign editor. Run by `node --test`. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { DEFAULT_TEXT, textAsked, textNamed, withText } from "../../static_site/data/message_texts.js";
import { nextHour } from "../../static_site/data/start_time.js";
import {
  EMPTY_DRAFT,
  hasDefault,
  markProblem,
  messageKey,
  minutesFor,
  newSentences,
  readPace,
  sentenceFor,
  settingsFrom,
  smsLength,
  valuesFrom,
  withDefault,
  withMark,
  withoutMark,
} from "../../static_site/pages/editor/draft.js";
import { costText } from "../../static_site/pages/editor/estimate.js";
import { languagesToAdd, readersOf } from "../../static_site/pages/editor/message_languages.js";
import { changedRules } from "../../static_site/pages/editor/sending_rules.js";
import { addressesIn } from "../../static_site/pages/editor/test_dialog.js";
import { setLocale } from "../../static_site/texts/format.js";
import { loadArea } from "../../static_site/texts.js";

test("a draft is the same after it was saved", () => {
  const values = { ...EMPTY_DRAFT, name: "Diwali", text: "spend >", per_minute: "1,200" };
  const settings = settingsFrom(values);
  assert.deepEqual([settings.text, settings.per_minute, "mode" in settings], ["spend >", 1200, false]);
  const stored = { ...settings, segment_id: null, rule: null, rule_text: "spend >" };
  assert.deepEqual(valuesFrom(stored), { ...values, per_minute: "1200" });
});

test("the fold names the rules that differ from a new campaign, and those of mails only for mails", () => {
  assert.deepEqual(changedRules(EMPTY_DRAFT), []);
  const values = { ...EMPTY_DRAFT, local_hour: "0", utm: "diwali", inbox: "each" };
  assert.deepEqual(changedRules(values), ["local_hour", "utm", "inbox"]);
  assert.deepEqual(changedRules({ ...values, channel: "sms" }), ["local_hour", "inbox"]);
});

test("phrases that were marked through the API are kept when the draft is saved", () => {
  const message = { subject: "Hello", body: "Reply STOP", marked: ["Reply STOP"] };
  const values = valuesFrom({ ...settingsFrom(EMPTY_DRAFT), segment_id: null, rule: null, rule_text: "", message });
  assert.deepEqual(settingsFrom(values).message, { ...message, languages: null });
});

test("a segment is saved without the rule, and no audience as an empty text", () => {
  const segment = settingsFrom({ ...EMPTY_DRAFT, mode: "segment", segment_id: "s", text: "everyone" });
  assert.deepEqual([segment.segment_id, segment.text], ["s", undefined]);
  assert.equal(settingsFrom({ ...EMPTY_DRAFT, mode: "segment", text: "everyone" }).text, "");
});

test("the style of a campaign is the same after it was saved", () => {
  const style = {
    writing: "free",
    tone: "warm",
    length: null,
    language: "person",
    instructions: "Be kind.",
    forbidden_words: ["loan", "big deal"],
    max_calls: 40,
    variants_per_group: 3,
    allowed_fields: ["visits"],
  };
  const values = valuesFrom({ ...settingsFrom(EMPTY_DRAFT), segment_id: null, rule: null, rule_text: "", style });
  assert.equal(values.style.forbidden_words, "loan, big deal");
  assert.deepEqual(settingsFrom(values).style, style);
  assert.equal(settingsFrom(EMPTY_DRAFT).style.allowed_fields, null);
});

test("a sentence stays approved as long as it stands beside the same message", () => {
  const message = { subject: "Hello", body: "5% off." };
  const sentence = { place: "argument", text: " Everything is free. ", language: "en", traits: [], beside: "" };
  const values = { ...EMPTY_DRAFT, message, sentences: [{ ...sentence, beside: messageKey(message) }] };
  const settings = settingsFrom(values);
  assert.deepEqual(settings.sentences, [
    { place: "argument", text: "Everything is free.", language: "en", traits: [], approved: true },
  ]);
  const stored = { ...settings, segment_id: null, rule: null, rule_text: "" };
  assert.equal(settingsFrom(valuesFrom(stored)).sentences?.[0].approved, true);
  const other = { ...values, message: { ...message, body: "10% off." } };
  assert.equal(settingsFrom(other).sentences?.[0].approved, false);
  const preview = { ...values, message: { ...message, preview: "Look" } };
  assert.equal(settingsFrom(preview).sentences?.[0].approved, true);
});

test("an empty sentence is not saved, and a proposal that is there already is not added", () => {
  const list = [sentenceFor("opening", []), { ...sentenceFor("opening", []), text: "Hello, " }];
  assert.deepEqual(
    settingsFrom({ ...EMPTY_DRAFT, sentences: list }).sentences?.map(({ text }) => text),
    ["Hello,"],
  );
  const proposed = ["Hello,", "Good day,"].map((text) => ({
    ...{ place: /** @type {"opening"} */ ("opening"), language: "en", traits: [], approved: true, problem: null, text },
  }));
  assert.deepEqual(
    newSentences(list, proposed).map(({ text, beside }) => [text, beside]),
    [["Good day,", ""]],
  );
});

test("addresses of a test are read with commas, semicolons and lines", () => {
  assert.deepEqual(addressesIn(" a@b.example, c@d.example;\ne@f.example\n"), [
    "a@b.example",
    "c@d.example",
    "e@f.example",
  ]);
});

test("a small cost has no hundredths, and a large one neither", async () => {
  await loadArea("editor");
  setLocale("en-IN");
  assert.equal(costText(0.02, "INR"), "under ₹1");
  assert.equal(costText(12.345, "INR"), "about ₹12");
  assert.equal(costText(1234.56, "INR"), "about ₹1,235");
});

test("a pace is a whole number, nothing, or wrong", () => {
  assert.equal(readPace(""), null);
  assert.equal(readPace(" 1,000 "), 1000);
  for (const wrong of ["0", "-1", "1.5", "many", "1000001"]) assert.equal(readPace(wrong), undefined);
  assert.equal(minutesFor(1941, 60), 33);
  assert.equal(minutesFor(1941, null), null);
});

test("letters outside the GSM alphabet make an SMS shorter", () => {
  assert.deepEqual(smsLength("a".repeat(160)), { characters: 160, parts: 1, isUnicode: false });
  assert.equal(smsLength("a".repeat(161)).parts, 2);
  assert.equal(smsLength("€".repeat(80)).characters, 160);
  assert.deepEqual(smsLength("न".repeat(71)), { characters: 71, parts: 2, isUnicode: true });
  assert.equal(smsLength(" ").parts, 0);
});

test("no letter of an SMS is divided, and brackets take two places", () => {
  assert.equal(smsLength(`${"a".repeat(152)}€${"a".repeat(152)}`).parts, 3);
  assert.equal(smsLength(`${"a".repeat(151)}€${"a".repeat(153)}`).parts, 2);
  assert.deepEqual(smsLength("[{~|^}\\]"), { characters: 16, parts: 1, isUnicode: false });
  assert.equal(smsLength("😀".repeat(67)).parts, 3);
  assert.equal(smsLength("₹").isUnicode, true);
  assert.equal(smsLength("ç").isUnicode, true);
});

test("phrases are marked once, unmarked, and kept when a field gets a default", () => {
  const message = { subject: "", body: "Free delivery, {{ name }}" };
  const marked = withMark(withMark(message, "Free delivery "), "free delivery");
  assert.deepEqual(marked.marked, ["free delivery"]);
  assert.deepEqual(withDefault(marked, "name", "friend").marked, ["free delivery"]);
  assert.deepEqual(withoutMark(marked, "free delivery").marked, []);
  assert.equal(markProblem(message, " "), "nothing");
  assert.equal(markProblem(message, "for {{ name }}"), "field");
  assert.equal(markProblem(message, "x".repeat(201)), "long");
  assert.equal(markProblem({ ...message, marked: Array(50).fill("x") }, "free"), "many");
  assert.equal(markProblem(message, "free"), null);
});

test("a field gets a text for people who lack it, everywhere", () => {
  const message = { subject: "Hi {{first_name}}", body: "Dear {{ first_name }} in {{ city }}" };
  const changed = withDefault(message, "first_name", 'a "friend"');
  assert.equal(changed.body, 'Dear {{ first_name | default("a \\"friend\\"") }} in {{ city }}');
  assert.ok(hasDefault(changed, "first_name"));
  assert.ok(!hasDefault(changed, "city"));
});

test("the start is proposed at a full hour of the reader's clock, at least ten minutes ahead", () => {
  const late = new Date(2026, 10, 27, 9, 55);
  assert.deepEqual(nextHour(late), new Date(2026, 10, 27, 11));
  assert.deepEqual(nextHour(new Date(2026, 10, 27, 9, 20)), new Date(2026, 10, 27, 10));
});

test("the preview text is kept, and gets defaults as the rest of the message does", () => {
  const message = { subject: "Hello", body: "Come", preview: "{{ first_name }}, 15% off" };
  const values = valuesFrom({ ...settingsFrom(EMPTY_DRAFT), segment_id: null, rule: null, rule_text: "", message });
  assert.deepEqual(settingsFrom(values).message, { ...message, languages: null });
  assert.equal(hasDefault(values.message, "first_name"), false);
  const changed = withDefault(values.message, "first_name", "friend");
  assert.equal(changed.preview, '{{ first_name | default("friend") }}, 15% off');
  assert.equal(hasDefault(changed, "first_name"), true);
});

test("a campaign keeps whether opens and clicks are counted", () => {
  for (const tracking of [
    { enabled: null, utm: null },
    { enabled: true, utm: { campaign: "diwali" } },
    { enabled: false, utm: null },
  ]) {
    const values = valuesFrom({ ...settingsFrom(EMPTY_DRAFT), segment_id: null, rule: null, rule_text: "", tracking });
    assert.deepEqual(settingsFrom(values).tracking, tracking);
  }
});

test("UTM tags that the editor does not show stay as they were", () => {
  /** @param {Api.TrackingChoice["utm"]} utm */
  const valuesWith = (utm) => {
    const tracking = { enabled: true, utm };
    return valuesFrom({ ...settingsFrom(EMPTY_DRAFT), segment_id: null, rule: null, rule_text: "", tracking });
  };
  const tags = { source: "shop", medium: "newsletter", campaign: "diwali" };
  for (const utm of [tags, { source: "shop", medium: "email", campaign: "" }]) {
    const values = valuesWith(utm);
    assert.deepEqual(settingsFrom(values).tracking?.utm, utm);
    assert.deepEqual(settingsFrom({ ...values, utm: " holi " }).tracking?.utm, { ...utm, campaign: "holi" });
  }
  assert.equal(settingsFrom({ ...valuesWith(tags), utm: "" }).tracking?.utm, null);
});

test("the texts of other languages are kept, added and taken away, and each is changed by itself", () => {
  const hindi = { subject: "नमस्ते {{ city }}", body: "आइए", marked: ["आइए"] };
  const message = { subject: "Hi", body: "Come", languages: { hi: hindi } };
  const values = valuesFrom({ ...settingsFrom(EMPTY_DRAFT), segment_id: null, rule: null, rule_text: "", message });
  assert.deepEqual(settingsFrom(values).message, message);
  assert.deepEqual(textNamed(message, "hi"), { name: "hi", path: "message.languages.hi", text: hindi });
  assert.deepEqual(textNamed(message, "ta"), {
    name: DEFAULT_TEXT,
    path: "message",
    text: { subject: "Hi", body: "Come" },
  });
  assert.deepEqual(withDefault(message, "city", "x").languages, { hi: hindi });
  assert.equal(textAsked({ subject: "", body: "" }, "default"), undefined);
  assert.equal(textAsked(message, "default"), "default");
  const more = withText(message, "ta", { subject: "", body: "" });
  assert.deepEqual(Object.keys(more.languages ?? {}), ["hi", "ta"]);
  assert.equal(withText(message, "hi", null).languages, undefined);
});

test("everybody whose language has no text gets that for everybody else", () => {
  const data = {
    reachable: 10,
    is_audience: true,
    people: [
      { language: null, count: 4 },
      { language: "ta", count: 3 },
      { language: "hi", count: 3 },
    ],
    available: ["de", "en", "hi", "ta"],
  };
  assert.deepEqual(readersOf(data, ["hi", "en"]), { default: 7, hi: 3, en: 0 });
  setLocale("en");
  assert.deepEqual(
    languagesToAdd(data, ["hi"]).map(({ name }) => name),
    ["ta", "en", "de"],
  );
});

test("how the simulator behaves is the same after it was saved", () => {
  const simulation = {
    success_share: 0.95,
    latency_seconds: 0,
    duplicate_share: null,
    reorder_seconds: 3,
    outage_seconds: 0,
  };
  const stored = { ...settingsFrom(EMPTY_DRAFT), segment_id: null, rule: null, rule_text: "" };
  for (const choice of [simulation, null]) {
    assert.deepEqual(settingsFrom(valuesFrom({ ...stored, simulation: choice })).simulation, choice);
  }
  assert.deepEqual(valuesFrom({ ...stored, simulation }).simulation, {
    success: "95",
    latency: "0",
    duplicates: "",
    reorder: "3",
    outage: "",
  });
});
