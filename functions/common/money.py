"""Money: integers in minor units inside, decimals in the deployment's currency at the edges."""

from __future__ import annotations

from decimal import Decimal

SYMBOLS = {"INR": "₹", "USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥"}


def decimal(minor: int) -> float:
    """As the API gives it back."""
    return minor / 100


def average(total: int, number: int) -> int | None:
    """To the nearest minor unit, halves up; None of nothing."""
    return (2 * total + number) // (2 * number) if number > 0 else None


def formatted(amount: Decimal | int | float, currency: str) -> str:
    """`₹1,00,000` or `KES 99.50`: grouped as is usual in the currency, with decimals only where there are any."""
    exact = Decimal(str(abs(amount)))
    whole, _, decimals = (f"{exact:f}" if exact == int(exact) else f"{exact:.2f}").partition(".")
    grouped = _indian(whole) if currency == "INR" else f"{int(whole):,}"
    sign = "-" if amount < 0 else ""
    return f"{sign}{SYMBOLS.get(currency, currency + ' ')}{grouped}{'.' + decimals if decimals.strip('0') else ''}"


def _indian(digits: str) -> str:
    """Groups of two above the thousands: 12,34,567."""
    above, last = digits[:-3], digits[-3:]
    groups = [above[max(0, end - 2) : end] for end in range(len(above), 0, -2)]
    return ",".join([*reversed(groups), last])
