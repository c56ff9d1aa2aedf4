/** Which field each column of a table stands for. */

/** Fields in the words of the page, in the order in which they are offered. */
export const FIELDS = {
  external_id: "External ID",
  name: "Name",
  "name.first": "First name",
  "name.last": "Last name",
  email: "E-mail",
  phone: "Phone",
  city: "City",
  timezone: "Time zone",
  spend: "Spend",
  visits: "Visits",
  orders: "Orders",
  active_days: "Active days",
  last_active_at: "Last active",
  first_order_at: "First order",
  tags: "Tags",
  "consent.email": "Consent: e-mail",
  "consent.sms": "Consent: SMS",
  "consent.whatsapp": "Consent: WhatsApp",
};

export const PEOPLE = ["external_id", "email", "phone"];

const own = (header) => `attributes.${header}`;

/** What can be chosen for a column: `[{value, label}]`. */
export function options(header) {
  const fields = Object.entries(FIELDS).map(([value, label]) => ({ value, label }));
  return [...fields, { value: own(header), label: "A field of its own" }, { value: "", label: "Leave out" }];
}

/** What is wrong with the fields that were chosen for the columns; "" where nothing is. */
export function objection(fields) {
  const twice = Object.keys(FIELDS).find((field) => fields.filter((one) => one === field).length > 1);
  if (twice) return `Two columns can’t both be ${FIELDS[twice]}.`;
  if (!fields.some((field) => PEOPLE.includes(field))) {
    return "Say which column tells who a row is about: External ID, E-mail or Phone.";
  }
  return "";
}

/** `{header: field}` of the columns (`[{header, field}]`) for which another field was chosen. */
export function changes(columns, chosen) {
  const pairs = columns.map(({ header, field }, index) => [header, field, chosen[index]]);
  return Object.fromEntries(pairs.filter(([, field, now]) => field !== now).map(([header, , now]) => [header, now]));
}
