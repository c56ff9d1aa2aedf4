/** The rule language by example. `tests/unit/test_help_examples.py` reads every rule. */

/** @typedef {keyof Ui.Texts["help"]["groups"]} Group */

/** @type {Record<Group, {key: keyof Ui.Texts["help"]["examples"], rule: string}[]>} */
export const EXAMPLES = {
  compare: [
    { key: "spend", rule: "spend > 10,000" },
    { key: "city", rule: 'city in ("Pune", "Mumbai")' },
    { key: "name", rule: 'name starts with "A"' },
    { key: "range", rule: "visits between 3 and 10" },
    { key: "missing", rule: "email is missing" },
  ],
  time: [
    { key: "inactive", rule: "inactive for 90 days" },
    { key: "active", rule: "active within 7 days" },
    { key: "recent", rule: "created_at in the last 30 days" },
    { key: "since", rule: "first_order_at after 2026-01-01" },
  ],
  orders: [
    { key: "ordered", rule: "ordered at least 3 times in the last 60 days" },
    { key: "amount", rule: "ordered for more than 5,000 in the last 30 days" },
    { key: "never", rule: "NOT ordered at least 1 time" },
    { key: "visited", rule: "visited at least 2 times in the last 14 days" },
  ],
  messages: [
    { key: "opened", rule: "opened any campaign in the last 30 days" },
    { key: "notReceived", rule: "NOT received any campaign in the last 7 days" },
    { key: "clicked", rule: 'clicked campaign "Diwali"' },
  ],
  own: [
    { key: "tag", rule: 'has tag "vip"' },
    { key: "attribute", rule: 'attributes.plan = "gold"' },
    { key: "renewal", rule: "attributes.renewal in the next 30 days" },
    { key: "consent", rule: "consent.email = true" },
  ],
  combine: [
    { key: "and", rule: 'city = "Pune" AND spend > 5,000' },
    { key: "or", rule: "visits > 10 OR orders > 3" },
    { key: "not", rule: 'spend > 10,000 AND NOT has tag "vip"' },
    { key: "parentheses", rule: '(city = "Pune" OR city = "Mumbai") AND inactive for 60 days' },
    { key: "everyone", rule: "everyone" },
  ],
};
