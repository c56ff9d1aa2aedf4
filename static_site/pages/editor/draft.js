/** The values of the campaign editor, and the settings of the API that they stand for. */

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
 *   tone: string, length: string, language: string, instructions: string, forbidden_words: string, max_calls: string,
 *   fields: Record<string, boolean>,
 * }} StyleValues
 */

const SMS_FREE = /^\s*$/;

/**
 * `mode` says where the audience comes from; the other one keeps what it had. `per_minute` is what the reader typed.
 * `inbox` says whether people who share an address get "one" message together, or one "each". The phrases that are
 * `marked` as facts come from the API, and are kept.
 *
 * @typedef {{
 *   name: string, mode: "text" | "segment", text: string, segment_id: string,
 *   message: {subject: string, body: string, marked?: string[] | null}, personalization: string, vendor: string, channel: string, per_minute: string,
 *   quiet_hours: string, inbox: string, style: StyleValues,
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
  per_minute: "",
  quiet_hours: "",
  inbox: "one",
  style: stylesFrom({}),
};

/**
 * @param {Partial<Api.WritingStyle>} style
 * @returns {StyleValues}
 */
function stylesFrom({ tone, length, language, instructions, max_calls: cap, ...limits }) {
  const { forbidden_words: forbidden, allowed_fields: allowed } = limits;
  return {
    tone: tone ?? "",
    length: length ?? "",
    language: language ?? "",
    instructions: instructions ?? "",
    forbidden_words: (forbidden ?? []).join(", "),
    max_calls: typeof cap === "number" ? String(cap) : "",
    fields: Object.fromEntries(TRAIT_FIELDS.map((name) => [name, allowed ? allowed.includes(name) : true])),
  };
}

/**
 * The style as the API has it. If Gemini may use all fields, it is not limited.
 *
 * @param {StyleValues} style
 * @returns {Api.WritingStyle}
 */
function styleFrom({ tone, length, language, instructions, forbidden_words: forbidden, max_calls: cap, fields }) {
  const allowed = TRAIT_FIELDS.filter((name) => fields[name]);
  const words = forbidden.split(/[,\n]/).map((word) => word.trim());
  return {
    tone: tone || null,
    length: length || null,
    language: language || null,
    instructions,
    forbidden_words: words.filter((word) => word.length > 1),
    max_calls: /^\d{1,7}$/.test(cap.trim()) ? Number(cap) : null,
    allowed_fields: allowed.length === TRAIT_FIELDS.length ? null : allowed,
  };
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
    message: { subject: message.subject, body: message.body, ...(message.marked && { marked: message.marked }) },
    personalization,
    vendor,
    channel,
    per_minute: pace ? String(pace) : "",
    quiet_hours: campaign.quiet_hours ?? "",
    inbox: campaign.one_per_address === false ? "each" : "one",
    style: stylesFrom(campaign.style ?? {}),
  };
}

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
  per_minute: pace,
  quiet_hours: quiet,
  inbox,
  style,
  ...audience
}) {
  return {
    name,
    ...audienceFrom(audience),
    message,
    personalization,
    vendor,
    channel,
    per_minute: readPace(pace) ?? null,
    quiet_hours: quiet.trim() || null,
    one_per_address: inbox !== "each",
    style: styleFrom(style),
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

/**
 * The number of messages a minute: null if there is no limit, undefined if the text is no such number.
 *
 * @param {string} typed
 */
export function readPace(typed) {
  const text = typed.replaceAll(/[,\s]/g, "");
  if (!text) return null;
  const pace = Number(text);
  return /^\d+$/.test(text) && pace >= 1 && pace <= MAX_PACE ? pace : undefined;
}

/**
 * How many minutes a campaign takes; null if its pace is not limited.
 *
 * @param {number} people
 * @param {number | null | undefined} pace
 */
export const minutesFor = (people, pace) => (pace ? Math.max(1, Math.ceil(people / pace)) : null);

const GSM = /^[@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ ÆæßÉ !"#¤%&'()*+,\-./0-9:;<=>?¡A-ZÄÖÑÜ§¿a-zäöñüà^{}\\[\]~|€]*$/;
const GSM_TWICE = /[\^{}\\[\]~|€]/g; // these take two characters

/**
 * How long a text is as SMS: `characters` of `limit`, in how many `parts`. Letters outside the GSM alphabet, as in
 * Hindi, make the parts shorter.
 *
 * @param {string} text
 */
export function smsLength(text) {
  if (SMS_FREE.test(text)) return { characters: 0, parts: 0, isUnicode: false };
  const isUnicode = !GSM.test(text);
  const characters = isUnicode ? text.length : text.length + (text.match(GSM_TWICE)?.length ?? 0);
  const [single, several] = isUnicode ? [70, 67] : [160, 153];
  return { characters, parts: characters <= single ? 1 : Math.ceil(characters / several), isUnicode };
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
 * @param {DraftValues["message"]} message
 * @param {string} field
 */
export const hasDefault = ({ subject, body }, field) => !plainField(field).test(`${subject}\n${body}`);

/**
 * The message with a text in place of the field, for people who lack it: `{{ first_name | default("friend") }}`.
 *
 * @param {DraftValues["message"]} message
 * @param {string} field
 * @param {string} text
 */
export function withDefault({ subject, body }, field, text) {
  const quoted = `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
  /** @param {string} template */
  const change = (template) => template.replaceAll(plainField(field), () => `{{ ${field} | default(${quoted}) }}`);
  return { subject: change(subject), body: change(body) };
}
