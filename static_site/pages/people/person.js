/** What the page about a person shows and sends. No element here. */

/** The fields that are edited as text. */
export const TEXT_FIELDS = /** @type {const} */ ([
  "name",
  "first_name",
  "last_name",
  "email",
  "phone",
  "city",
  "company",
  "timezone",
]);

/**
 * @typedef {{activity?: Api.Activity, message?: Api.CustomerMessage, at: string, id: string}} Entry
 * @typedef {{name: string, value: string}} Attribute
 */

/**
 * The activities and the messages, the latest first.
 *
 * @param {Pick<Api.CustomerDetails, "activities" | "messages">} person
 * @returns {Entry[]}
 */
export function timeLine({ activities, messages }) {
  const entries = [
    ...activities.map((activity) => ({ activity, at: activity.at, id: activity.event_id })),
    ...messages.map((message) => ({ message, at: message.at, id: message.id })),
  ];
  return entries.sort((one, other) => Date.parse(other.at) - Date.parse(one.at));
}

/**
 * The values of the form.
 *
 * @param {Api.CustomerDetails} person
 */
export const formValues = (person) => ({
  ...Object.fromEntries(TEXT_FIELDS.map((field) => [field, person[field] ?? ""])),
  tags: person.tags.join(", "),
  attributes: Object.entries(person.attributes).map(([name, value]) => ({ name, value: valueText(value) })),
});

/**
 * An attribute as it is edited: texts as they are, all else as JSON. A text that reads as JSON gets quotes.
 *
 * @param {unknown} value
 */
export function valueText(value) {
  const isPlain = typeof value === "string" && readValue(value) === value;
  return isPlain ? value : JSON.stringify(value);
}

/**
 * The value in a text: JSON, such as a number, else the text itself.
 *
 * @param {string} text
 */
export function readValue(text) {
  try {
    return JSON.parse(text);
  } catch {
    return text.trim();
  }
}

/** @param {Attribute[]} attributes */
const readAttributes = (attributes) =>
  Object.fromEntries(
    attributes
      .filter(({ name, value }) => name.trim() && value.trim())
      .map(({ name, value }) => [name.trim(), readValue(value)]),
  );

/** @param {string} text */
const readTags = (text) => [
  ...new Set(
    text
      .split(",")
      .map((tag) => tag.trim())
      .filter(Boolean),
  ),
];

/** @param {unknown} one @param {unknown} other */
const isEqual = (one, other) => JSON.stringify(one) === JSON.stringify(other);

/**
 * What a PATCH has to send: only what changed. Null clears a field, and removes an attribute.
 *
 * @param {Api.CustomerDetails} person
 * @param {Record<string, any>} values
 * @returns {Record<string, unknown>}
 */
export function changesOf(person, values) {
  const changed = TEXT_FIELDS.filter((field) => values[field].trim() !== (person[field] ?? ""));
  const tags = readTags(values.tags);
  const wanted = readAttributes(values.attributes);
  const names = [...new Set([...Object.keys(person.attributes), ...Object.keys(wanted)])];
  const different = names.filter((name) => !isEqual(wanted[name], person.attributes[name]));
  return {
    ...Object.fromEntries(changed.map((field) => [field, values[field].trim() || null])),
    ...(!isEqual(tags, person.tags) && { tags }),
    ...(different.length && {
      attributes: Object.fromEntries(different.map((name) => [name, wanted[name] ?? null])),
    }),
  };
}
