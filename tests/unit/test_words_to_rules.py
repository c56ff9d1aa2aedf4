"""Plain words and the rule tree that they mean, through the stand-in, which answers as Gemini would."""

from __future__ import annotations

from typing import Any

import pytest

from campaigns.assist.prompt import RuleAnswer, parse_answer, tree_of
from campaigns.assist.questions import unsaid
from common.rules import validate
from local.gemini.rules import rule_answer

Tree = dict[str, Any]


def spent(op: str, value: float) -> Tree:
    return {"op": op, "field": "spend", "value": value}


def visits(op: str, value: int) -> Tree:
    return {"op": op, "field": "visits", "value": value}


def orders(op: str, value: int) -> Tree:
    return {"op": op, "field": "orders", "value": value}


def city(name: str, op: str = "=") -> Tree:
    return {"op": op, "field": "city", "value": name}


def away(days: int) -> Tree:
    return {"op": "inactive", "days": days}


def here(days: int) -> Tree:
    return {"op": "active", "days": days}


def both(*of: Tree) -> Tree:
    return {"op": "and", "of": list(of)}


def either(*of: Tree) -> Tree:
    return {"op": "or", "of": list(of)}


def but_not(of: Tree) -> Tree:
    return {"op": "not", "of": of}


EVERYONE: Tree = {"op": "everyone"}
VIP: Tree = {"op": "has_tag", "tag": "vip"}
NO_EMAIL: Tree = {"op": "is_missing", "field": "email"}
NO_PHONE: Tree = {"op": "is_missing", "field": "phone"}
OPENED: Tree = {"op": "opened", "campaign": "diwali"}

RULES: dict[str, Tree] = {
    # English
    "everybody we have": EVERYONE,
    "customers who have spent over 25,000": spent(">", 25_000),
    "anyone who spent above fifteen thousand": spent(">", 15_000),
    "people with a spend under 2,000 rupees": spent("<", 2_000),
    "shoppers who spent more than 1.5 lakh": spent(">", 150_000),
    "those who spent less than twenty five hundred": spent("<", 2_500),
    "customers we have not seen in four months": away(120),
    "people who haven't ordered for 45 days": away(45),
    "not visited in two weeks": away(14),
    "gone for six weeks": away(42),
    "everyone who visited in the last 5 days": here(5),
    "who shopped within the last three weeks": here(21),
    "customers with more than ten visits": visits(">", 10),
    "fewer than two visits": visits("<", 2),
    "at least six orders": orders(">=", 6),
    "without any orders": orders("=", 0),
    "who live in Nagpur": city("Nagpur"),
    "customers from Kochi": city("Kochi"),
    "people not from Surat": city("Surat", "!="),
    "people without a phone": NO_PHONE,
    "customers missing an email": NO_EMAIL,
    "those tagged as vip": VIP,
    "people not tagged vip": but_not(VIP),
    "who opened the campaign diwali": OPENED,
    "who have not opened the campaign diwali": but_not(OPENED),
    "from Indore and spent over 5,000": both(city("Indore"), spent(">", 5_000)),
    "not from Delhi but at least three visits": both(city("Delhi", "!="), visits(">=", 3)),
    "spent over 8,000 or more than four orders": either(spent(">", 8_000), orders(">", 4)),
    "tagged vip and not visited in 90 days": both(VIP, away(90)),
    "from Jaipur, spent over 3000 and inactive for 2 months": both(city("Jaipur"), spent(">", 3_000), away(60)),
    "without an email or without a phone": either(NO_EMAIL, NO_PHONE),
    # Hinglish
    "sabhi customers": EVERYONE,
    "jinhone 20000 se zyada kharch kiya": spent(">", 20_000),
    "jinka kharcha ek lakh se kam hai": spent("<", 100_000),
    "jo do mahine se nahi aaye": away(60),
    "pichhle 10 din mein aaye log": here(10),
    "Nagpur ke log": city("Nagpur"),
    "jinke 5 se zyada order hain": orders(">", 5),
    "jinhone bees hazaar se zyada kharch kiya aur ek saal se nahi aaye": both(spent(">", 20_000), away(365)),
    "Indore se ya 3000 se zyada kharch": either(city("Indore"), spent(">", 3_000)),
    # Hindi
    "सभी ग्राहक": EVERYONE,
    "जिन्होंने पांच हजार से ज्यादा खर्च किया": spent(">", 5_000),
    "जिनका खर्च दो हजार से कम है": spent("<", 2_000),
    "जो 60 दिन से नहीं आए": away(60),
    "जो पिछले सात दिन में आए": here(7),
    "नागपुर के लोग": city("नागपुर"),
    "जिन्होंने एक लाख से अधिक खर्च किया और छह महीने से नहीं आए": both(spent(">", 100_000), away(180)),
}
ASKED_BACK = (
    "our best customers",
    "people who spend a lot",
    "frequent visitors from Pune",
    "those who came lately",
    "people who have not come for long",
    "new customers",
    "few orders and from Pune",
    "people with good taste",
    "women over the hill",
    "jo aksar aate hain",
    "purane log",
    "naye customers jo Pune se hain",
    "जो अक्सर आते हैं",
    "नए ग्राहक",
)


def test_table_has_sixty_rules() -> None:
    """Rules and questions together."""
    assert len(RULES) + len(ASKED_BACK) >= 60


@pytest.mark.parametrize(("words", "tree"), RULES.items(), ids=RULES.keys())
def test_words_mean_this_tree(words: str, tree: Tree) -> None:
    """With nothing in the rule that was not said."""
    rule = validate(tree_of(parse_answer(rule_answer(words), RuleAnswer)))
    assert rule == validate(tree)
    assert unsaid(rule, words) == []


@pytest.mark.parametrize("words", ASKED_BACK)
def test_ambiguity_is_asked_back(words: str) -> None:
    """Without a number, or without a field for it, there is no rule."""
    answer = parse_answer(rule_answer(words), RuleAnswer)
    assert (answer.nodes, bool(answer.questions)) == ([], True)
