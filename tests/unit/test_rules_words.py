"""Rules read back in plain English."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from common.rules import check, in_words, parse
from common.rules.words import money
from tests.oracle import trees


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("everyone", "all customers"),
        (
            "spend > 10000 AND visits < 3 OR inactive for 90 days",
            "customers who spent more than ₹10,000 and visited fewer than 3 times, "
            "or who have been inactive for 90 days or more",
        ),
        (
            "spend >= 250000.5 AND (city = 'Pune' OR orders = 1)",
            "customers who spent ₹2,50,000.50 or more and (have the city “Pune” or placed exactly 1 order)",
        ),
        ("inactive for 1 day", "customers who have been inactive for 1 day or more"),
        ("active_days != 1000", "customers who were active on any number of days but 1,000"),
        ("visits >= 1 OR everyone", "customers who visited 1 time or more, or who are customers at all"),
        ("phone != '123'", "customers who have another phone number than “123”"),
        ("name > 'M'", "customers who come after the name “M” in the alphabet"),
        ("last_active_at < '2026-03-01'", "customers who were last active before 1 March 2026"),
        ("created_at >= '2026-03-01T05:30:00+05:30'", "customers who were added on or after 1 March 2026, 00:00 UTC"),
        ("name = '{0} {x}'", "customers who have the name “{0} {x}”"),
    ],
)
def test_what_a_manager_reads(text: str, words: str) -> None:
    assert in_words(parse(text), "INR") == words


@pytest.mark.parametrize(
    ("value", "currency", "text"),
    [
        (0, "INR", "₹0"),
        (999, "INR", "₹999"),
        (12_345_678, "INR", "₹1,23,45,678"),
        (12_345_678, "USD", "$12,345,678"),
        (-99.5, "EUR", "-€99.50"),
        (1_000, "KES", "KES 1,000"),
    ],
)
def test_money_as_it_is_usual_in_its_currency(value: float, currency: str, text: str) -> None:
    assert money(value, currency) == text


@settings(deadline=None)
@given(trees)
def test_every_rule_has_words(tree: object) -> None:
    words = in_words(check(tree), "USD")
    assert words == "all customers" or words.startswith("customers who ")
