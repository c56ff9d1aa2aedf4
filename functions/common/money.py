"""Money: integers in minor units (cents, paise) inside, decimals in the deployment's currency in the API."""

from __future__ import annotations

from decimal import Decimal

SYMBOLS = {"INR": "₹", "USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥"}


def to_major_units(minor: int) -> float:
    """The amount in major units, as the API returns it: 9950 is 99.5."""
    return minor / 100


def average(total: int, number: int) -> int | None:
    """`total / number`, rounded to the nearest minor unit, halves up; None when `number` is 0."""
    return (2 * total + number) // (2 * number) if number > 0 else None


def format_money(amount: Decimal | int | float, currency: str) -> str:
    """`₹1,00,000` or `KES 99.50`: with the currency's digit grouping, and decimals only if they are not zero."""
    exact = Decimal(str(abs(amount)))
    whole, _, decimals = (f"{exact:f}" if exact == int(exact) else f"{exact:.2f}").partition(".")
    grouped = group_indian(whole) if currency == "INR" else f"{int(whole):,}"
    sign = "-" if amount < 0 else ""
    return f"{sign}{SYMBOLS.get(currency, currency + ' ')}{grouped}{'.' + decimals if decimals.strip('0') else ''}"


def group_indian(digits: str) -> str:
    """Groups of two digits above the thousands: 12,34,567."""
    above, last = digits[:-3], digits[-3:]
    groups = [above[max(0, end - 2) : end] for end in range(len(above), 0, -2)]
    return ",".join([*reversed(groups), last])
