"""Rules as text: the grammar, round trips, and error messages with positions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.catalogue.days import day_in_words
from common.catalogue.fields import FIELDS
from common.errors import FieldError, Invalid
from common.money import format_money
from common.rules import (
    AllOf,
    AnyOf,
    Comparison,
    EngagementNode,
    Everyone,
    Inactive,
    InSegment,
    Language,
    Not,
    RelativeDay,
    Rule,
    describe,
    parse,
    to_text,
    validate,
)
from common.rules.nodes import (
    Active,
    ActivityNode,
    Between,
    Contains,
    EndsWith,
    HasTag,
    In,
    InLast,
    InNext,
    IsMissing,
    IsSet,
    StartsWith,
)
from tests.oracle import MONEY, TEXTS, trees

BIG_SPENDER = Comparison(op=">", field="spend", value=10_000)
RARE_VISITOR = Comparison(op="<", field="visits", value=3)
INACTIVE = Inactive(days=90)
NOT_THREE = Comparison(op="!=", field="visits", value=3)
AT_LEAST_FIVE = Comparison(op=">=", field="spend", value=5)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("everyone", Everyone()),
        ("spend > 10000", BIG_SPENDER),
        ("inactive for 90 days", INACTIVE),
        ("inactive for 1 day", Inactive(days=1)),
        (
            "spend > 10000 AND visits < 3 OR inactive for 90 days",
            AnyOf(of=(AllOf(of=(BIG_SPENDER, RARE_VISITOR)), INACTIVE)),
        ),
        (
            "inactive for 90 days OR spend > 10000 AND visits < 3",
            AnyOf(of=(INACTIVE, AllOf(of=(BIG_SPENDER, RARE_VISITOR)))),
        ),
        (
            "spend > 10000 AND (visits < 3 OR inactive for 90 days)",
            AllOf(of=(BIG_SPENDER, AnyOf(of=(RARE_VISITOR, INACTIVE)))),
        ),
        ("spend > 10000 AND visits < 3 AND inactive for 90 days", AllOf(of=(BIG_SPENDER, RARE_VISITOR, INACTIVE))),
        (
            "(spend > 10000 AND visits < 3) AND inactive for 90 days",
            AllOf(of=(AllOf(of=(BIG_SPENDER, RARE_VISITOR)), INACTIVE)),
        ),
        ("((spend > 10000))", BIG_SPENDER),
        (
            "SPEND>10000 and Visits<3 oR INACTIVE For 90 DAYS",
            AnyOf(of=(AllOf(of=(BIG_SPENDER, RARE_VISITOR)), INACTIVE)),
        ),
        ("\n spend\t>\n10000 ", BIG_SPENDER),
        ("spend > 10,000", BIG_SPENDER),
        ("spend > 1,00,000", Comparison(op=">", field="spend", value=100_000)),
        ("spend > 1,234,567.50", Comparison(op=">", field="spend", value=1_234_567.5)),
        ("spend >= -0.5", Comparison(op=">=", field="spend", value=-0.5)),
        ('city = "Mumbai"', Comparison(op="=", field="city", value="Mumbai")),
        ("city != 'Mumbai'", Comparison(op="!=", field="city", value="Mumbai")),
        (r'name = "O\"Brien \\ \'x\'"', Comparison(op="=", field="name", value="O\"Brien \\ 'x'")),
        ('name = "a AND (b"', Comparison(op="=", field="name", value="a AND (b")),
        ('created_at <= "2026-03-01"', Comparison(op="<=", field="created_at", value="2026-03-01")),
        ("created_at before 2026-03-01", Comparison(op="<", field="created_at", value="2026-03-01")),
        ("created_at AFTER 30 days ago", Comparison(op=">", field="created_at", value=RelativeDay(days_ago=30))),
        ("created_at = yesterday", Comparison(op="=", field="created_at", value=RelativeDay(days_ago=1))),
        (
            "attributes.renewal = tomorrow",
            Comparison(op="=", field="attributes.renewal", value=RelativeDay(days_ago=-1)),
        ),
        (
            "attributes.due < 7 days from now",
            Comparison(op="<", field="attributes.due", value=RelativeDay(days_ago=-7)),
        ),
        ("spend at least 1,00,000", Comparison(op=">=", field="spend", value=100_000)),
        ("visits fewer than 3", RARE_VISITOR),
        ("attributes.vip = TRUE", Comparison(op="=", field="attributes.vip", value=True)),
        ("Attributes.Plan = 'gold'", Comparison(op="=", field="attributes.Plan", value="gold")),
        ("attributes.größe >= 3.5", Comparison(op=">=", field="attributes.größe", value=3.5)),
        ('attributes."my plan".price > 5', Comparison(op=">", field='attributes."my plan".price', value=5)),
        ('attributes."plan" > 5', Comparison(op=">", field="attributes.plan", value=5)),
        ("consent.email = false", Comparison(op="=", field="consent.email", value=False)),
        (
            "spend between 1,000 and 2,000 AND visits < 3",
            AllOf(of=(Between(field="spend", low=1000, high=2000), RARE_VISITOR)),
        ),
        ("city in ('Pune', \"Goa\")", In(field="city", values=("Pune", "Goa"))),
        ("visits in (1, 2,3)", In(field="visits", values=(1, 2, 3))),
        ("name contains 'an'", Contains(field="name", value="an")),
        ("tags contains 'vip'", Contains(field="tags", value="vip")),
        ("email starts with 'a'", StartsWith(field="email", value="a")),
        ("email ends with '.in'", EndsWith(field="email", value=".in")),
        ("spend > INR 10,000 AND visits < 3", AllOf(of=(BIG_SPENDER, RARE_VISITOR))),
        ("spend > ₹10,000", BIG_SPENDER),
        ("spend > Rs. 10000", BIG_SPENDER),
        ("spend > 10,000 INR AND visits < 3", AllOf(of=(BIG_SPENDER, RARE_VISITOR))),
        ("spend > 10000/-", BIG_SPENDER),
        ("spend > 10k", BIG_SPENDER),
        ("spend > ₹ 10 thousand", BIG_SPENDER),
        ("spend > 1.5 lakh", Comparison(op=">", field="spend", value=150_000)),
        ("spend > 2 crore rupees", Comparison(op=">", field="spend", value=20_000_000)),
        ("spend >= -₹0.5", Comparison(op=">=", field="spend", value=-0.5)),
        ("spend in (₹5, ₹2k)", In(field="spend", values=(5, 2_000))),
        ("visits > 1k", Comparison(op=">", field="visits", value=1_000)),
        ("spend == 5 AND visits <> 3", AllOf(of=(Comparison(op="=", field="spend", value=5), NOT_THREE))),
        ("visits ≠ 3", NOT_THREE),
        ("spend ≥ 5 AND spend ≤ 9", AllOf(of=(AT_LEAST_FIVE, Comparison(op="<=", field="spend", value=9)))),
        ("city is 'Pune'", Comparison(op="=", field="city", value="Pune")),
        ("city is not 'Pune'", Comparison(op="!=", field="city", value="Pune")),
        ("city = “Pune \\ 1”", Comparison(op="=", field="city", value="Pune \\ 1")),
        ("city is not set", IsMissing(field="city")),
        ("city is not missing", IsSet(field="city")),
        ("city not in ('Pune', 'Goa')", Not(of=In(field="city", values=("Pune", "Goa")))),
        ("name not contains 'an'", Not(of=Contains(field="name", value="an"))),
        ("created_at not in the last 2 weeks", Not(of=InLast(field="created_at", days=14))),
        ("spend not between 5 and 9", Not(of=Between(field="spend", low=5, high=9))),
        ("inactive for 3 months", INACTIVE),
        ("ordered in the last 2 years", ActivityNode(op="ordered", days=730)),
        ("created_at before 1 month ago", Comparison(op="<", field="created_at", value=RelativeDay(days_ago=30))),
        ("created_at = 26 November 2026", Comparison(op="=", field="created_at", value="2026-11-26")),
        ("created_at = 26 नवंबर 2026", Comparison(op="=", field="created_at", value="2026-11-26")),
        ("city is set", IsSet(field="city")),
        ("city is missing", IsMissing(field="city")),
        ("has tag 'vip'", HasTag(tag="vip")),
        ("active within 30 days", Active(days=30)),
        ("created_at in the last 30 days", InLast(field="created_at", days=30)),
        ("attributes.due in the next 1 day", InNext(field="attributes.due", days=1)),
        ("NOT visits < 3 AND everyone", AllOf(of=(Not(of=RARE_VISITOR), Everyone()))),
        ("not (visits < 3 or not everyone)", Not(of=AnyOf(of=(RARE_VISITOR, Not(of=Everyone()))))),
        ("in segment 'Lapsed'", InSegment(segment="Lapsed")),
        ("received campaign 'Diwali'", EngagementNode(op="received", campaign="Diwali")),
        ("opened", EngagementNode(op="opened")),
        ("clicked any campaign in the last 7 days", EngagementNode(op="clicked", days=7)),
        ("ordered", ActivityNode(op="ordered")),
        ("ordered at least 3 times in the last 60 days", ActivityNode(op="ordered", value=3, days=60)),
        ("visited exactly 1 time", ActivityNode(op="visited", compare="=", value=1)),
        (
            "ordered for more than 5000 in the last 60 days",
            ActivityNode(op="ordered", measure="amount", compare=">", value=5000, days=60),
        ),
    ],
)
def test_parse_returns_rule_of_text(text: str, rule: Rule) -> None:
    """Each form of the rule language gives the expected rule, and its formatted text the same rule."""
    assert parse(text) == rule
    assert parse(to_text(rule)) == rule


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        (
            AnyOf(of=(AllOf(of=(BIG_SPENDER, RARE_VISITOR)), INACTIVE)),
            "spend > 10000 AND visits < 3 OR inactive for 90 days",
        ),
        (
            AllOf(of=(BIG_SPENDER, AnyOf(of=(RARE_VISITOR, INACTIVE)))),
            "spend > 10000 AND (visits < 3 OR inactive for 90 days)",
        ),
        (
            AnyOf(of=(AnyOf(of=(BIG_SPENDER, RARE_VISITOR)), INACTIVE)),
            "(spend > 10000 OR visits < 3) OR inactive for 90 days",
        ),
        (Comparison(op="=", field="name", value='a"\\'), r'name = "a\"\\"'),
        (Inactive(days=1), "inactive for 1 day"),
    ],
)
def test_to_text_returns_canonical_text(rule: Rule, text: str) -> None:
    """The formatted text has only necessary parentheses and quotes."""
    assert to_text(rule) == text


@given(trees)
def test_any_rule_survives_text_round_trip(tree: object) -> None:
    """Any rule is the same after formatting and parsing."""
    rule = validate(tree)
    text = to_text(rule)
    assert parse(text) == rule
    assert to_text(parse(text)) == text


@given(MONEY, st.sampled_from(["INR", "USD", "EUR", "KES"]))
def test_amount_as_descriptions_print_it_is_the_same_in_a_rule(minor: int, currency: str) -> None:
    """What Herald shows of a rule can be copied into another one: ₹10,000, -$0.50, KES 5."""
    amount = Decimal(minor) / 100
    printed = format_money(amount, currency)
    assert printed in describe(Comparison(op=">", field="spend", value=float(amount)), currency)
    assert parse(f"spend > {printed}", currency) == parse(f"spend > {amount:f}")


@given(st.dates(date(1900, 1, 1), date(2100, 1, 1)), st.sampled_from(["en", "hi"]))
def test_day_as_descriptions_print_it_is_the_same_in_a_rule(day: date, language: Language) -> None:
    """In both languages."""
    rule = Comparison(op="<", field="created_at", value=day.isoformat())
    printed = day_in_words(day, language)
    assert printed in describe(rule, "INR", language)
    assert parse(f"created_at < {printed}") == rule


@given(TEXTS)
def test_text_as_descriptions_print_it_is_the_same_in_a_rule(text: str) -> None:
    """In curved quotes, nothing is escaped."""
    rule = Comparison(op="=", field="city", value=text)
    assert f"“{text}”" in describe(rule, "INR")
    assert parse(f"city = “{text}”") == rule


def test_amounts_are_in_the_deployments_currency() -> None:
    """Another currency is an error, never taken for the deployment's."""
    assert parse("spend > $5", "USD") == parse("spend > 5")
    assert [error.code for error in refusal("spend > $5") or ()] == ["currency"]


@pytest.mark.parametrize(
    ("text", "code", "message"),
    [
        ("", "missing", "write a rule, or everyone to match all customers"),
        (" \n", "missing", "write a rule, or everyone to match all customers"),
        ("spend >", "syntax", "at character 8: expected a value (a number, a text in quotes, a date), found the end"),
        (
            "spend > Mumbai",
            "syntax",
            'at character 9: expected a value (a number, a text in quotes, a date), found "Mumbai"',
        ),
        (
            "spend 3",
            "syntax",
            "at character 7: expected a comparison (= != > >= < <=), between, in, contains, starts with, ends with, "
            'is or NOT, found "3"',
        ),
        ("spend === 3", "syntax", 'at character 9: expected a value (a number, a text in quotes, a date), found "="'),
        ("spend > $10", "currency", 'at character 9: amounts are in INR, and "$10" is in USD'),
        ("spend > 5k USD", "currency", 'at character 9: amounts are in INR, and "5k USD" is in USD'),
        (
            "visits in (₹3, ₹4)",
            "type",
            "at character 12: visits is no amount of money: write the number without the currency",
        ),
        ("created_at = 31 February 2026", "date", 'at character 14: expected a date, "2026-02-31" does not exist'),
        ("inactive for 1.5 months", "type", "at character 14: days must be a whole number from 1 to 36,500"),
        ("inactive for ₹3 days", "syntax", 'at character 14: expected a number, found "₹3"'),
        ("spend > 3 x", "syntax", 'at character 11: expected days, AND, OR or the end, found "x"'),
        ("(spend > 3", "syntax", "at character 11: expected ), found the end"),
        ("spend > 3)", "syntax", 'at character 10: expected the end, found ")"'),
        (
            "spend > 3 AND",
            "syntax",
            "at character 14: expected a condition (like spend > 10000), NOT or (, found the end",
        ),
        ("?", "syntax", 'at character 1: expected a condition (like spend > 10000), NOT or (, found "?"'),
        ('city = "Pune', "syntax", "at character 8: the quote that begins here is not closed"),
        ("inactive for 90", "syntax", "at character 16: expected days, found the end"),
        ("inactive 90 days", "syntax", 'at character 10: expected for, found "90"'),
        ("spnd > 3", "unknown_field", 'at character 1: unknown field "spnd": did you mean spend?'),
        (
            "visits < 3 AND EMial = 'x'",
            "unknown_field",
            'at character 16: unknown field "EMial": did you mean email?',
        ),
        ('spend > "much"', "type", "at character 9: spend is a number: compare it with a number"),
        ("visits > 2.5", "type", "at character 10: visits is a whole number: 2.5 cannot be compared with it"),
        ("spend > 0.001", "type", "at character 9: spend has at most two decimals: 0.001 cannot be compared with it"),
        ("city = 5", "type", 'at character 8: city is a text: compare it with a text in quotes, like "Mumbai"'),
        (
            "created_at > 5",
            "type",
            'at character 14: created_at is a date: compare it with a date in quotes, like "2026-01-31", or today',
        ),
        (
            "created_at > 'soon'",
            "type",
            'at character 14: "soon" is not a date: write 2026-01-31, or 2026-01-31T18:30:00Z',
        ),
        (
            "city = ''",
            "type",
            "at character 8: an empty text counts as missing: use is missing",
        ),
        (
            "attributes.renewal > 2026-02-31",
            "date",
            'at character 22: expected a date, "2026-02-31" does not exist',
        ),
        (
            "visits in (1, 2026-13-01T10:00)",
            "date",
            'at character 15: expected a date, "2026-13-01T10:00" does not exist',
        ),
        ("inactive for 0 days", "range", "at character 14: days must be a whole number from 1 to 36,500"),
        ("inactive for 1.5 days", "type", "at character 14: days must be a whole number from 1 to 36,500"),
        ("name contains 5", "type", 'at character 15: name is a text: compare it with a text in quotes, like "Mumbai"'),
        ("spend contains '5'", "type", "at character 16: spend is not a text: compare it with = != > >= < <="),
        ("tags = 'vip'", "type", "at character 8: tags is a list: use contains, is set or is missing"),
        ("spend between 5 and 1", "range", "at character 21: between needs the lower value first"),
        (
            "attributes.x between 5 and 'x'",
            "type",
            "at character 28: between needs two numbers, two texts or two dates",
        ),
        ("city in the last 5 days", "type", "at character 1: city is not a date"),
        (
            "visited for more than 5",
            "type",
            "at character 13: a visit has no amount: count the visits with times",
        ),
        ("ordered at least 1.5 times", "type", "at character 18: times must be a whole number"),
        (
            "ordered 3 times",
            "syntax",
            'at character 9: expected a comparison (= != > >= < <=), in, for, AND, OR or the end, found "3"',
        ),
        (
            "created_at > 90000 days ago",
            "type",
            'at character 14: a day relative to today is written {"days_ago": 0}, at most 36,500 days before or after',
        ),
        (
            "visits in (100,200)",
            "grouping",
            "at character 12: in a list, write numbers without thousands separators, and a space after each comma",
        ),
        ("visits in ()", "syntax", 'at character 12: expected a value (a number, a text in quotes, a date), found ")"'),
        (
            "attributes.a.b.c.d.e.f is set",
            "unknown_field",
            "at character 1: write an attribute like attributes.plan, with at most 5 names of 100 characters",
        ),
        (
            "attributes is set",
            "unknown_field",
            'at character 1: unknown field "attributes": the fields are '
            + ", ".join(name for name, record in FIELDS.items() if record.kind != "map")
            + ", and attributes.anything",
        ),
        ("NOT " * 20 + "everyone", "too_deep", "groups may be nested at most 20 levels deep"),
        (f"visits in ({'1, ' * 500}1)", "range", "at character 12: a list has 1 to 500 values"),
        (f"spend > 1{'0' * 5_000}", "too_large", "at character 9: a number may be at most 1,000,000,000,000"),
        (f"city = '{'x' * 1_001}'", "too_long", "at character 8: a text to compare with may have 1,000 characters"),
        ("x" * 10_001, "too_long", "a rule may have at most 10,000 characters"),
        ("visits=1 OR " * 200 + "visits=1", "too_many", "a rule may have at most 200 parts"),
        (
            "visits=1 AND (visits=1 OR (" * 10 + "visits=1" + ")" * 20,
            "too_deep",
            "groups may be nested at most 20 levels deep",
        ),
    ],
)
def test_invalid_text_error_names_position_and_fix(text: str, code: str, message: str) -> None:
    """An error names the character, what is wrong and what was expected."""
    with pytest.raises(Invalid) as caught:
        parse(text)
    [error] = caught.value.fields
    assert (error.field, error.code, error.message) == ("text", code, message)
    assert message in str(caught.value)


def test_redundant_parentheses_do_not_count_as_depth() -> None:
    """Redundant parentheses do not count for the depth limit."""
    assert parse("(" * 4_900 + "visits=1" + ")" * 4_900) == Comparison(op="=", field="visits", value=1)


def test_text_with_several_errors_reports_all() -> None:
    """All errors of a text are reported together."""
    with pytest.raises(Invalid) as caught:
        parse("spnd > 3 AND city = 4 OR visits < 'x'")
    assert [error.message.split(":")[0] for error in caught.value.fields] == [
        "at character 1",
        "at character 21",
        "at character 35",
    ]


WORDS = [
    "attributes.x",
    'attributes."',
    "between",
    "in",
    "not",
    "segment",
    "received",
    "ordered",
    "times",
    "ago",
    "true",
    "is",
    "ends",
    "with",
    "k",
    "lakh",
    "INR",
    "₹",
    "months",
    "“x”",
]
WORDS += ["spend", "city", "AND", "or", "(", ")", ">", "!=", "3", "1,000"]
WORDS += ["'x'", "'", "inactive", "for", "days", "everyone", "\ud800"]


def refusal(text: str) -> Sequence[FieldError] | None:
    try:
        parse(text)
    except Invalid as error:
        return error.fields
    return None


@given(st.text(max_size=20) | st.lists(st.sampled_from(WORDS), max_size=8).map(" ".join))
def test_any_text_is_a_rule_or_refused_with_error(text: str) -> None:
    """Any text is a rule or is refused with an error."""
    errors = refusal(text)
    if errors is None:
        assert parse(to_text(parse(text))) == parse(text)
    else:
        assert errors
        assert all(one.message.encode() for one in errors)
