/** Numbers, money and times in the reader's language. */

/** @param {string | undefined} locale */
const formatsOf = (locale) => ({
  locale,
  numbers: new Intl.NumberFormat(locale),
  compact: new Intl.NumberFormat(locale, { notation: "compact", maximumFractionDigits: 1 }),
  percentages: new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 1 }),
  dateTimes: new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" }),
  days: new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeZone: "UTC" }),
  times: new Intl.DateTimeFormat(locale, { timeStyle: "short" }),
  seconds: new Intl.DateTimeFormat(locale, { timeStyle: "medium" }),
  relativeTimes: new Intl.RelativeTimeFormat(locale, { numeric: "auto" }),
  lists: new Intl.ListFormat(locale),
  plurals: new Intl.PluralRules(locale),
  languages: new Intl.DisplayNames(locale ?? "en", { type: "language" }),
});

let formats = formatsOf(undefined);

/**
 * Sets the language of all formats, as a locale such as `hi-IN`.
 *
 * @param {string} locale
 */
export function setLocale(locale) {
  formats = formatsOf(locale);
}

const DAY = 24 * 60 * 60 * 1000;

/**
 * The name of a language: `ta` is Tamil.
 *
 * @param {string} code
 */
export const languageName = (code) => formats.languages.of(code) ?? code;

/** @param {number} value */
export const number = (value) => formats.numbers.format(value);

/**
 * A share from 0 to 1 as a percentage.
 *
 * @param {number} value
 */
export const percentage = (value) => formats.percentages.format(value);

/**
 * `part` of `whole` as a percentage; 0 % if `whole` is 0.
 *
 * @param {number} part
 * @param {number} whole
 */
export const share = (part, whole) => formats.percentages.format(whole ? part / whole : 0);

/**
 * An amount as the server writes it, with decimals only if they are not zero: `₹1,235`, `₹99.50`.
 *
 * @param {number} amount
 * @param {string} currency
 */
export const money = (amount, currency) =>
  new Intl.NumberFormat(formats.locale, { style: "currency", currency, trailingZeroDisplay: "stripIfInteger" }).format(
    amount,
  );

/**
 * An amount in whole units: `₹1,235`.
 *
 * @param {number} amount
 * @param {string} currency
 */
export const roundMoney = (amount, currency) =>
  new Intl.NumberFormat(formats.locale, { style: "currency", currency, maximumFractionDigits: 0 }).format(amount);

/**
 * A large number in few letters: `12K`, `3.4M`.
 *
 * @param {number} value
 */
export const compact = (value) => formats.compact.format(value);

/**
 * `a, b and c`.
 *
 * @param {string[]} items
 */
export const list = (items) => formats.lists.format(items);

/**
 * The form that the language uses with this number. `other` is used where the language has no such form.
 *
 * @template Form
 * @param {number} value
 * @param {{other: Form} & Partial<Record<Intl.LDMLPluralRule, Form>>} forms
 * @returns {Form}
 */
export const count = (value, forms) => forms[formats.plurals.select(value)] ?? forms.other;

/**
 * `1 customer`, `2,000 customers`, in English.
 *
 * @param {number} value
 * @param {string} singular
 * @param {string} [several] The plural, if it is not the singular with an "s".
 */
export const plural = (value, singular, several = `${singular}s`) =>
  `${number(value)} ${value === 1 ? singular : several}`;

/** @param {string} iso */
export const dateTime = (iso) => formats.dateTimes.format(new Date(iso));

/**
 * The day that begins at this time in UTC.
 *
 * @param {string} iso
 */
export const day = (iso) => formats.days.format(new Date(iso));

/**
 * A time with its seconds.
 *
 * @param {string} iso
 */
export const exactTime = (iso) => formats.seconds.format(new Date(iso));

/** @param {string} iso */
export const time = (iso) => formats.times.format(new Date(iso));

/** @type {[Intl.RelativeTimeFormatUnit, number][]} */
const UNITS = [
  ["day", DAY],
  ["hour", DAY / 24],
  ["minute", DAY / 24 / 60],
];

/**
 * The time from now in days, hours or minutes: `in 3 hours`, `tomorrow`, `5 minutes ago`.
 *
 * @param {string} iso
 */
export function relativeTime(iso, now = Date.now()) {
  const distance = Date.parse(iso) - now;
  const [unit, size] = UNITS.find(([, length]) => Math.abs(distance) >= length) ?? UNITS[UNITS.length - 1];
  return formats.relativeTimes.format(Math.round(distance / size), unit);
}

/**
 * The time from now in days, months or years: `yesterday`, `4 months ago`.
 *
 * @param {string} iso
 */
export function ago(iso, now = Date.now()) {
  const distance = Math.round((Date.parse(iso) - now) / DAY);
  if (Math.abs(distance) < 60) return formats.relativeTimes.format(distance, "day");
  if (Math.abs(distance) < 730) return formats.relativeTimes.format(Math.round(distance / 30.44), "month");
  return formats.relativeTimes.format(Math.round(distance / 365.25), "year");
}
