/** The values of the campaign editor, and the settings of the API that they stand for. */

import { choiceFrom, NO_SIMULATION, simulationFrom } from "../../data/simulation.js";

/**
 * The fields that Gemini can fit a text to, as words without figures.
 *
 * @type {("name" | "orders" | "visits" | "last_active_at" | "city")[]}
 */
export const TRAIT_FIELDS = ["name", "orders", "visits", "last_active_at", "city"];

/**
 * `forbidden_words` is what the reader typed, with commas.
 *
 * @typedef {{
 *   writing: string, tone: string, length: string, language: string, instructions: string, forbidden_words: string, max_calls: string,
 *   variants: string, fields: Record<string, boolean>,
 * }} StyleValues
 */

/**
 * `beside` is the message for which somebody approved it, as `messageKey` has it, or empty.
 *
 * @typedef {{
 *   place: Api.Sentence["place"], text: string, language: string, traits: string[], beside: string,
 * }} SentenceValues
 */

const SMS_FREE = /^\s*$/;

/**
 * The message in one language.
 *
 * @typedef {{subject: string, body: string, preview?: string, marked?: string[] | null}} TextValues
 */

/**
 * `mode` says where the audience comes from; the other one keeps what it had. `per_minute` is what the reader typed.
 * `tracking` is "on", "off" or
 * empty, and `utm` the name of the campaign in its links; `tags` are all UTM tags that were stored. `inbox` says whether people who share an address get "one" message together, or one "each". The phrases that are
 * `marked` stay as they are, in your own text and in Gemini's.
 *
 * @typedef {{
 *   name: string, mode: "text" | "segment", text: string, segment_id: string,
 *   message: TextValues & {languages?: Record<string, TextValues>}, personalization: string, vendor: string,
 *   channel: string, topic: string, per_minute: string,
 *   quiet_hours: string, local_hour: string, frequency_cap: string, holdout_percent: string, conversion_days: string,
 *   tracking: string, utm: string, tags: Api.TrackingChoice["utm"], inbox: string, style: StyleValues,
 *   simulation: import("../../data/simulation.js").SimulationValues,
 *   sentences: SentenceValues[],
 * }} DraftValues
 */

/** @type {DraftValues} */
export const EMPTY_DRAFT = {
  name: "",
  mode: "text",
  text: "",
  segment_id: "",
  message: { subject: "", body: "" },
  personalization: "gemini",
  vendor: "simulator",
  channel: "email",
  topic: "",
  per_minute: "",
  quiet_hours: "",
  local_hour: "",
  frequency_cap: "",
  holdout_percent: "",
  tracking: "",
  utm: "",
  tags: null,
  conversion_days: "",
  inbox: "one",
  simulation: NO_SIMULATION,
  style: stylesFrom({}),
  sentences: [],
};

/**
 * @param {Partial<Api.WritingStyle>} style
 * @returns {StyleValues}
 */
function stylesFrom({
  writing,
  tone,
  length,
  language,
  instructions,
  max_calls: cap,
  variants_per_group: variants,
  ...limits
}) {
  const { forbidden_words: forbidden, allowed_fields: allowed } = limits;
  return {
    writing: writing ?? "sentences",
    tone: tone ?? "",
    length: length ?? "",
    language: language ?? "",
    instructions: instructions ?? "",
    forbidden_words: (forbidden ?? []).join(", "),
    max_calls: typeof cap === "number" ? String(cap) : "",
    variants: variants ? String(variants) : "",
    fields: Object.fromEntries(TRAIT_FIELDS.map((name) => [name, allowed ? allowed.includes(name) : true])),
  };
}

/**
 * The style as the API has it. If Gemini may use all fields, it is not limited.
 *
 * @param {StyleValues} style
 * @returns {Api.WritingStyle}
 */
function styleFrom({
  writing,
  tone,
  length,
  language,
  instructions,
  forbidden_words: forbidden,
  max_calls: cap,
  variants,
  fields,
}) {
  const allowed = TRAIT_FIELDS.filter((name) => fields[name]);
  const words = forbidden.split(/[,\n]/).map((word) => word.trim());
  return {
    ...(writing && { writing }),
    tone: tone || null,
    length: length || null,
    language: language || null,
    instructions,
    forbidden_words: words.filter((word) => word.length > 1),
    max_calls: /^\d{1,7}$/.test(cap.trim()) ? Number(cap) : null,
    variants_per_group: variants ? Number(variants) : null,
    allowed_fields: allowed.length === TRAIT_FIELDS.length ? null : allowed,
  };
}

/**
 * What people read of a message, and what is a fact in it.
 *
 * @param {Pick<Api.Campaign["message"], "subject" | "body" | "marked" | "languages">} message
 */
export function messageKey({ languages, ...text }) {
  const texts = Object.entries({ "": text, ...languages });
  return JSON.stringify(texts.map(([name, { subject, body, marked }]) => [name, subject, body, marked ?? []]));
}

/**
 * @param {Api.Sentence} sentence
 * @param {string} key The message that it stands beside.
 * @returns {SentenceValues}
 */
const sentenceFrom = ({ place, text, language, traits, approved }, key) => ({
  place,
  text,
  language,
  traits,
  beside: approved ? key : "",
});

/**
 * The sentences as the API has them, without those that are too short to be one. An approval is for one message.
 *
 * @param {SentenceValues[]} sentences
 * @param {DraftValues["message"]} message
 */
const sentencesFrom = (sentences, message) =>
  sentences
    .map(({ beside, text, ...rest }) => ({ ...rest, text: text.trim(), approved: beside === messageKey(message) }))
    .filter(({ text }) => text.length > 1);

/**
 * Those of Gemini's proposals that the list does not have yet.
 *
 * @param {SentenceValues[]} list
 * @param {Api.Sentence[]} proposed
 */
export function newSentences(list, proposed) {
  const known = new Set(list.map(({ place, text }) => `${place} ${text.trim()}`));
  return proposed
    .filter(({ place, text }) => !known.has(`${place} ${text}`))
    .map((sentence) => sentenceFrom({ ...sentence, approved: false }, ""));
}

/**
 * An empty sentence, in the language of the others.
 *
 * @param {Api.Sentence["place"]} place
 * @param {SentenceValues[]} list
 * @returns {SentenceValues}
 */
export const sentenceFor = (place, list) => ({
  place,
  text: "",
  language: list.at(-1)?.language ?? "en",
  traits: [],
  beside: "",
});

/**
 * @param {Api.MessageText} text
 * @returns {TextValues}
 */
const textFrom = ({ subject, body, preview, marked }) => ({
  subject,
  body,
  ...(preview && { preview }),
  ...(marked && { marked }),
});

/**
 * @param {Api.Campaign["message"]} message
 * @returns {DraftValues["message"]}
 */
function messageFrom({ languages, ...text }) {
  const others = Object.entries(languages ?? {}).map(([name, one]) => [name, textFrom(one)]);
  return { ...textFrom(text), ...(others.length > 0 && { languages: Object.fromEntries(others) }) };
}

/** @param {Api.TrackingChoice} [choice] */
const trackingFrom = ({ enabled, utm } = { enabled: null, utm: null }) => ({
  tracking: { true: "on", false: "off" }[String(enabled)] ?? "",
  utm: utm?.campaign ?? "",
  tags: utm,
});

/**
 * The tags that the editor does not show stay as they were. A reader who takes the campaign's name away wants none.
 *
 * @param {string} campaign
 * @param {Api.TrackingChoice["utm"]} tags
 */
function utmFrom(campaign, tags) {
  if (campaign) return { ...tags, campaign };
  return tags?.campaign ? null : tags;
}

/**
 * @param {Api.Campaign} campaign
 * @returns {DraftValues}
 */
export function valuesFrom({ segment_id: segment, rule, rule_text: typed, per_minute: pace, ...campaign }) {
  const { name, message, personalization, vendor, channel } = campaign;
  return {
    name,
    mode: segment ? "segment" : "text",
    text: segment ? "" : (rule?.text ?? typed ?? ""),
    segment_id: segment ?? "",
    message: messageFrom(message),
    personalization,
    vendor,
    channel,
    topic: campaign.topic ?? "",
    per_minute: typedNumber(pace),
    ...trackingFrom(campaign.tracking),
    ...typedRules(campaign),
    holdout_percent: typedNumber(campaign.holdout_percent),
    conversion_days: typedNumber(campaign.conversion_days),
    simulation: simulationFrom(campaign.simulation),
    inbox: campaign.one_per_address === false ? "each" : "one",
    style: stylesFrom(campaign.style ?? {}),
    sentences: (campaign.sentences ?? []).map((one) => sentenceFrom(one, messageKey(message))),
  };
}

/** @param {Pick<Api.Campaign, "quiet_hours" | "local_hour" | "frequency_cap">} campaign */
const typedRules = ({ quiet_hours: quiet, local_hour: hour, frequency_cap: cap }) => ({
  quiet_hours: quiet ?? "",
  local_hour: String(hour ?? ""),
  frequency_cap: cap ?? "",
});

/** @param {number | null | undefined} value */
const typedNumber = (value) => (value ? String(value) : "");

/**
 * @param {DraftValues} values
 * @returns {Partial<Api.CampaignSettings>}
 */
export function settingsFrom({
  name,
  message,
  personalization,
  vendor,
  channel,
  topic,
  per_minute: pace,
  quiet_hours: quiet,
  local_hour: hour,
  frequency_cap: cap,
  holdout_percent: holdout,
  tracking,
  utm,
  tags,
  conversion_days: days,
  simulation = NO_SIMULATION,
  inbox,
  style,
  sentences = [],
  ...audience
}) {
  return {
    name,
    ...audienceFrom(audience),
    message: { ...message, languages: message.languages ?? null },
    personalization,
    vendor,
    channel,
    topic: topic || null,
    per_minute: readPace(pace) ?? null,
    quiet_hours: quiet.trim() || null,
    local_hour: hour ? Number(hour) : null,
    frequency_cap: cap.trim() || null,
    holdout_percent: readHoldout(holdout) ?? 0,
    tracking: {
      enabled: tracking ? tracking === "on" : null,
      utm: utmFrom(utm.trim(), tags),
    },
    conversion_days: readDays(days) ?? null,
    simulation: choiceFrom(simulation),
    one_per_address: inbox !== "each",
    style: styleFrom(style),
    sentences: sentencesFrom(sentences, message),
  };
}

/**
 * An empty text takes the audience away.
 *
 * @param {Pick<DraftValues, "mode" | "text" | "segment_id">} values
 */
function audienceFrom({ mode, text, segment_id: segment }) {
  if (mode === "segment") return segment ? { segment_id: segment } : { text: "" };
  return { text: text.trim() };
}

const MAX_PACE = 1_000_000;
const MAX_HOLDOUT = 50;
const MAX_DAYS = 30;

/**
 * The number of messages a minute: null if there is no limit, undefined if the text is no such number.
 *
 * @param {string} typed
 */
export const readPace = (typed) => readWhole(typed, 1, MAX_PACE);

/**
 * The per cent of people who are held out: null if nobody is, undefined if the text is no such number.
 *
 * @param {string} typed
 */
export const readHoldout = (typed) => readWhole(typed, 0, MAX_HOLDOUT);

/**
 * For how many days an order counts: null for those of the settings, undefined if the text is no such number.
 *
 * @param {string} typed
 */
export const readDays = (typed) => readWhole(typed, 1, MAX_DAYS);

/**
 * @param {string} typed
 * @param {number} low
 * @param {number} high
 */
function readWhole(typed, low, high) {
  const text = typed.replaceAll(/[,\s]/g, "");
  if (!text) return null;
  const value = Number(text);
  return /^\d+$/.test(text) && value >= low && value <= high ? value : undefined;
}

/**
 * How many minutes a campaign takes; null if its pace is not limited.
 *
 * @param {number} people
 * @param {number | null | undefined} pace
 */
export const minutesFor = (people, pace) => (pace ? Math.max(1, Math.ceil(people / pace)) : null);

const GSM = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ ÆæßÉ !\"#¤%&'()*+,-./0-9:;<=>?¡A-ZÄÖÑÜ§¿a-zäöñüà";
const GSM_TWICE = "\f\\^{}\\\\\\[~\\]|€"; // these take two places
const IS_GSM = new RegExp(`^[${GSM}${GSM_TWICE}]*$`);
const IS_TWICE = new RegExp(`[${GSM_TWICE}]`);

/**
 * How long a text is as SMS, counted as networks do and as the server does (`common/messages/sms.py`): `characters`, in
 * how many `parts`. Letters outside the GSM alphabet, as in Hindi, make the parts shorter; no letter is divided.
 *
 * @param {string} text
 */
export function smsLength(text) {
  if (SMS_FREE.test(text)) return { characters: 0, parts: 0, isUnicode: false };
  const isUnicode = !IS_GSM.test(text);
  const [single, several] = isUnicode ? [70, 67] : [160, 153];
  const sizes = [...text].map((letter) => (isUnicode ? letter.length : 1 + Number(IS_TWICE.test(letter))));
  const characters = sizes.reduce((sum, size) => sum + size, 0);
  return { characters, parts: characters <= single ? 1 : countParts(sizes, several), isUnicode };
}

/**
 * @param {number[]} sizes
 * @param {number} room
 */
function countParts(sizes, room) {
  let parts = 1;
  let used = 0;
  for (const size of sizes) {
    if (used + size > room) {
      parts += 1;
      used = 0;
    }
    used += size;
  }
  return parts;
}

/**
 * The fields that a message shows without a default: `{{ first_name }}`.
 *
 * @param {string} field
 */
const plainField = (field) => new RegExp(`\\{\\{\\s*${field.replaceAll(".", "\\.")}\\s*\\}\\}`, "g");

/**
 * Whether every place of a field in the message has a text for people who lack it.
 *
 * @param {TextValues} message
 * @param {string} field
 */
export const hasDefault = ({ subject, body, preview = "" }, field) =>
  !plainField(field).test(`${subject}\n${body}\n${preview}`);

/**
 * The message with a text in place of the field, for people who lack it: `{{ first_name | default("friend") }}`.
 *
 * @param {TextValues} message
 * @param {string} field
 * @param {string} text
 */
export function withDefault({ subject, body, preview, ...rest }, field, text) {
  const quoted = `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
  /** @param {string} template */
  const change = (template) => template.replaceAll(plainField(field), () => `{{ ${field} | default(${quoted}) }}`);
  return { ...rest, subject: change(subject), body: change(body), ...(preview && { preview: change(preview) }) };
}

/** The phrases that the API takes at most, and how long each may be. */
const MAX_MARKED = 50;
const MARKED_LENGTH = [2, 200];

/**
 * Why a phrase cannot be marked as a fact; null if it can.
 *
 * @param {TextValues} message
 * @param {string} phrase
 * @returns {"nothing" | "field" | "long" | "many" | null}
 */
export function markProblem({ marked }, phrase) {
  const { length } = phrase.trim();
  if (length < MARKED_LENGTH[0]) return "nothing";
  if (/[{}]/.test(phrase)) return "field";
  if (length > MARKED_LENGTH[1]) return "long";
  return (marked?.length ?? 0) < MAX_MARKED ? null : "many";
}

/**
 * The message with one more phrase that stays as it is.
 *
 * @param {TextValues} message
 * @param {string} phrase
 */
export function withMark(message, phrase) {
  const text = phrase.trim();
  const others = (message.marked ?? []).filter((one) => one.toLowerCase() !== text.toLowerCase());
  return { ...message, marked: [...others, text] };
}

/**
 * @param {TextValues} message
 * @param {string} phrase
 */
export function withoutMark(message, phrase) {
  return { ...message, marked: (message.marked ?? []).filter((one) => one !== phrase) };
}
