/** Some fields of customers, as the server lists them. */

const COMPARISONS = ["=", "!=", ">", ">=", "<", "<=", "between", "in"];
const PRESENCE = ["is_set", "is_missing"];
const OPERATORS = {
  text: [...COMPARISONS, "contains", "starts_with", "ends_with", ...PRESENCE],
  money: [...COMPARISONS, ...PRESENCE],
  whole: [...COMPARISONS, ...PRESENCE],
  date: [...COMPARISONS, ...PRESENCE, "in_last", "in_next"],
  list: ["contains", ...PRESENCE],
  flag: ["=", "!=", ...PRESENCE],
};

const field = (name, label, kind, more) => ({
  name,
  label,
  kind,
  operators: OPERATORS[kind],
  in_messages: false,
  sortable: kind !== "list" && kind !== "flag",
  in_imports: true,
  is_identifier: false,
  headings: [],
  ...more,
});

export const FIELDS = [
  field("email", "E-mail", "text", { is_identifier: true }),
  field("name", "Name", "text", { in_messages: true }),
  field("first_name", "First name", "text", { operators: [], sortable: false }),
  field("city", "City", "text", { in_messages: true }),
  field("spend", "Spend", "money", { in_messages: true }),
  field("visits", "Visits", "whole"),
  field("last_active_at", "Last active", "date"),
  field("tags", "Tags", "list"),
  field("consent.email", "Consent: E-mail", "flag"),
];
