"""Amounts of money as text."""

from __future__ import annotations

import pytest

from common.money import format_money


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
def test_format_money_uses_the_grouping_of_the_currency(value: float, currency: str, text: str) -> None:
    """Rupees are grouped by lakh and crore, other currencies by thousands."""
    assert format_money(value, currency) == text
