"""Money as people read it."""

from __future__ import annotations

import pytest

from common.money import formatted


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
    assert formatted(value, currency) == text
