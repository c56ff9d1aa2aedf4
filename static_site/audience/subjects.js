/** What a condition can speak of, and how each of it is compared. */

const usual = (words) => ({ words });
const rare = (words) => ({ words, isRare: true }); // offered only where a rule has it already

const KNOWN = { is_set: usual("is known"), is_missing: usual("is missing") };
const LISTED = { in: usual("is one of"), "not in": usual("is none of") };
const PARTS = {
  contains: usual("contains"),
  "not contains": usual("does not contain"),
  starts_with: usual("starts with"),
  "not starts_with": usual("does not start with"),
};
const NEAR = { in_last: usual("in the last (days)"), in_next: usual("in the next (days)") };
const EQUAL = { "=": usual("is"), "!=": usual("is not") };
const SIZES = {
  ">": usual("is more than"),
  ">=": usual("is at least"),
  "<": usual("is less than"),
  "<=": usual("is at most"),
};

/** By kind: the comparisons, and the one that a new condition starts with. */
const KINDS = {
  number: { start: ">", comparisons: { ...EQUAL, ...SIZES, between: usual("is between"), ...LISTED, ...KNOWN } },
  date: {
    start: ">",
    comparisons: {
      "=": usual("is on"),
      "!=": usual("is not on"),
      ">": usual("is after"),
      ">=": usual("is on or after"),
      "<": usual("is before"),
      "<=": usual("is on or before"),
      between: usual("is between"),
      ...NEAR,
      in: rare("is on one of"),
      ...KNOWN,
    },
  },
  text: {
    start: "=",
    comparisons: {
      ...EQUAL,
      ...PARTS,
      ...LISTED,
      ...KNOWN,
      ">": rare("comes after"),
      ">=": rare("is or comes after"),
      "<": rare("comes before"),
      "<=": rare("is or comes before"),
      between: rare("is between"),
    },
  },
  flag: { start: "=", comparisons: { "=": usual("is"), "!=": rare("is not"), ...KNOWN } },
  any: {
    start: "=",
    comparisons: { ...EQUAL, ...SIZES, between: usual("is between"), ...PARTS, ...LISTED, ...NEAR, ...KNOWN },
  },
};

export const FIELDS = [
  { name: "spend", label: "Spend", kind: "number" },
  { name: "visits", label: "Visits", kind: "number" },
  { name: "orders", label: "Orders", kind: "number" },
  { name: "average_order_value", label: "Average order value", kind: "number" },
  { name: "active_days", label: "Active days", kind: "number" },
  { name: "last_active_at", label: "Last active", kind: "date" },
  { name: "first_order_at", label: "First order", kind: "date" },
  { name: "created_at", label: "Added", kind: "date" },
  { name: "updated_at", label: "Last changed", kind: "date" },
  { name: "city", label: "City", kind: "text" },
  { name: "name", label: "Name", kind: "text" },
  { name: "email", label: "E-mail", kind: "text" },
  { name: "phone", label: "Phone", kind: "text" },
  { name: "timezone", label: "Time zone", kind: "text" },
  { name: "external_id", label: "Id outside Herald", kind: "text" },
  { name: "consent.email", label: "Consent to e-mail", kind: "flag" },
];

const TIMES = {
  "times >=": usual("at least (times)"),
  "times <=": usual("at most (times)"),
  "times =": usual("exactly (times)"),
  "times >": rare("more than (times)"),
  "times <": rare("fewer than (times)"),
  "times !=": rare("any number but (times)"),
};

const AMOUNTS = {
  "amount >=": usual("for at least (amount)"),
  "amount >": usual("for more than (amount)"),
  "amount <": usual("for less than (amount)"),
  "amount <=": usual("for at most (amount)"),
  "amount =": rare("for exactly (amount)"),
  "amount !=": rare("for any amount but"),
};

const reacted = (label, op) => ({ label, comparisons: { [op]: usual("did"), [`not ${op}`]: usual("did not") } });
const AT_ALL = { measure: "times", compare: ">=", value: 1 };

/** What can be chosen in place of a field; `start` is what a new condition has. */
export const SUBJECTS = {
  attributes: { label: "Attribute", comparisons: KINDS.any.comparisons },
  has_tag: { label: "Tag", comparisons: { has_tag: usual("has"), "not has_tag": usual("has not") } },
  in_segment: { label: "Segment", comparisons: { in_segment: usual("is in"), "not in_segment": usual("is not in") } },
  inactive: { label: "Inactive for (days)", comparisons: {} },
  active: { label: "Active within (days)", comparisons: {} },
  ordered: { label: "Ordered", comparisons: { ...TIMES, ...AMOUNTS }, start: AT_ALL },
  visited: { label: "Visited", comparisons: TIMES, start: AT_ALL },
  received: reacted("Received a message", "received"),
  opened: reacted("Opened a message", "opened"),
  clicked: reacted("Clicked in a message", "clicked"),
  everyone: { label: "Everyone", comparisons: {} },
};

/** "number", "date", "text", "flag", or "any" for what is not in `FIELDS`: there the value tells. */
export const kindNamed = (field) => FIELDS.find(({ name }) => name === field)?.kind ?? "any";

export const kindOf = (field) => KINDS[kindNamed(field)];

/** `{comparison: {words, isRare}}` */
export const comparisonsOf = (subject) => (SUBJECTS[subject] ?? kindOf(subject)).comparisons;

/** What was typed as a value of a kind; null where that is not possible, or nothing was typed. */
export function valueOf(kind, typed) {
  const trimmed = typed.trim();
  if (!trimmed) return null;
  return READERS[kind]?.(trimmed) ?? (kind === "text" || kind === "date" ? trimmed : null);
}

const FLAGS = { yes: true, true: true, no: false, false: false };

const numberOf = (text) => {
  const plain = text.replaceAll(/(?<=\d),(?=\d)/g, "");
  return Number.isFinite(Number(plain)) ? Number(plain) : null;
};

const READERS = {
  number: numberOf,
  flag: (text) => FLAGS[text.toLowerCase()] ?? null,
  any: (text) => FLAGS[text.toLowerCase()] ?? numberOf(text) ?? text.replace(/^"(.*)"$/, "$1"),
};

/** Several values, separated by commas; null where one of them is not possible, or there is none. */
export function valuesOf(kind, typed) {
  const values = typed
    .split(",")
    .filter((one) => one.trim())
    .map((one) => valueOf(kind, one));
  return values.length && !values.includes(null) ? values : null;
}

/** A value as it is typed: in quotes what is a text, although it looks like something else. */
export function typedOf(kind, value) {
  if (value === null || value === undefined) return "";
  if (Array.isArray(value)) return value.map((one) => typedOf(kind, one)).join(", ");
  if (typeof value === "boolean") return value ? "yes" : "no";
  const isDisguised = kind === "any" && typeof value === "string" && typeof READERS.any(value) !== "string";
  return isDisguised ? `"${value}"` : String(value);
}
