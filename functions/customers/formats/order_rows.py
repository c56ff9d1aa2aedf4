"""Rows of orders and visits from a table: one type for the whole file, several lines of one order, refunds."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from common.errors import FieldError

from .consent_cells import stricter
from .json_rows import ParsedRow
from .refund_rows import (
    ORDER_NUMBERS,
    amount_of,
    is_next_line,
    join_refund,
    read_refunded,
    with_own_event_id,
    with_sign_read,
)

TYPE_WORDS: Mapping[str, str] = {
    **dict.fromkeys(
        ("sale", "sales", "purchase", "invoice", "tax_invoice", "bill", "orders", "online_order", "capture"), "order"
    ),
    **dict.fromkeys(("return", "returned", "refunded", "credit_note", "sales_return", "sale_return"), "refund"),
    **dict.fromkeys(("visits", "check-in", "checkin", "walk-in", "walkin", "store_visit"), "visit"),
}
"""Other words for the types that change a customer's figures, in lower case."""

PAYMENTS = frozenset(
    {"payment", "payment-in", "payment-out", "payment_in", "payment_out", "payment_received", "receipt", "contra"}
    | {"authorization", "authorisation", "void"}
)
"""Types of rows that only say that money was paid, or will be: the order itself is another row."""
SALE_HEADINGS = frozenset({"event type"})
"""Headings of columns of types, as of tills, in which a payment is the order itself."""

STATUS_COLUMNS = (
    "financial status",
    "order status",
    "invoice status",
    "status",
    "payment status",
    "transaction status",
)
FAILED = frozenset({"failed", "failure", "error", "declined"})
UNDONE = FAILED | {"refunded", "voided", "void", "cancelled", "canceled"}
UNPAID = frozenset({"pending", "pending payment", "on hold", "checkout draft", "draft"})
"""Of an order that may still come to nothing."""

CURRENCY_COLUMNS = ("currency", "order currency", "currency code")
CANCELLED_AT = ("cancelled at", "canceled at", "cancelled on", "cancelled date")
MAX_CURRENCY, MAX_CURRENCIES = 20, 20
_CODE = re.compile("[A-Z]{3}")
UNDONE_ERROR = FieldError(
    field="amount", code="undone", message="This order was refunded in full or cancelled, so it counts nothing."
)
PENDING_ERROR = FieldError(
    field="amount",
    code="undone",
    message="This order is pending, so it counts nothing; send it again when it is paid.",
)
FAILED_ERROR = FieldError(
    field="amount", code="undone", message="This refund failed or is pending, so it counts nothing."
)
PAYMENT_ERROR = FieldError(
    field="type", code="option", message="This row is a payment and no order, so it counts nothing; leave it out."
)


def usual_type(fields: Iterable[str]) -> str | None:
    """The type of all rows of a table without a column for it: orders if it has amounts, else visits."""
    return None if "type" in fields else "order" if "amount" in fields else "visit"


@dataclass(kw_only=True, slots=True)
class OrderCounts:
    """What was found in a table of orders."""

    joined: int = 0  # lines that belong to the order of a line before them
    undone: int = 0  # orders that were refunded in full or cancelled
    refunded: int = 0  # orders of which a part was given back
    currencies: Counter[str] = field(default_factory=Counter)


def join_orders(
    rows: Iterator[ParsedRow],
    type_: str | None,
    currency: str | None,
    counts: OrderCounts,
    *,
    headings: Mapping[str, str],
) -> Iterator[ParsedRow]:
    """Each order once: the lines after the first one only have more items. Each refund once, too.

    `type_` is that of rows without one, and `currency` that of the deployment; `headings` are those of the columns, by
    field.
    """
    plain = {field: _plain(heading).strip(" *.:#") for field, heading in headings.items()}
    has_own_number = plain.get("event_id") not in ORDER_NUMBERS
    if plain.get("type") in SALE_HEADINGS:
        rows = map(_with_sale, rows)
    for row in _joined(rows, type_, counts, has_own_number=has_own_number):
        yield _in_currency(_without_refund(row, counts), currency, counts)


def _joined(
    rows: Iterator[ParsedRow], type_: str | None, counts: OrderCounts, *, has_own_number: bool
) -> Iterator[ParsedRow]:
    """Each order with the items of all its lines, and each refund with the sum of its lines.

    A refund gets an id of its own if its number is that of its order.
    """
    held: list[ParsedRow] = []  # an order, or the lines of a refund
    number = None  # of the order before
    for row in (with_sign_read(_with_type(_without_payment(row), type_)) for row in rows):
        if held and _continues(held[0], row):
            _add_items(held[0], row)
            counts.joined += 1
        elif held and is_next_line(held, row, by_time=not has_own_number or number == _number_of(held[0])):
            held.append(row)
            counts.joined += 1
        else:
            if held:
                yield _finish(held, is_of_order=not has_own_number or number == _number_of(held[0]))
                number = _number_of(held[0]) if _is_order(held[0]) else number
            held = [row]
    if held:
        yield _finish(held, is_of_order=not has_own_number or number == _number_of(held[0]))


def _finish(lines: Sequence[ParsedRow], *, is_of_order: bool) -> ParsedRow:
    refund = join_refund(lines)
    return with_own_event_id(refund) if is_of_order else refund


def _number_of(row: ParsedRow) -> Any:
    return (row.data or {}).get("event_id")


def _is_order(row: ParsedRow) -> bool:
    return (row.data or {}).get("type") == "order"


def _with_type(row: ParsedRow, type_: str | None) -> ParsedRow:
    """The row with the type that it names, or that of all rows."""
    if row.data is not None and (named := _type_of(row.data, type_)):
        row.data["type"] = named
    return row


def _with_sale(row: ParsedRow) -> ParsedRow:
    """The row of a till, where a payment is the order itself."""
    if row.data is not None and _type_of(row.data, None) == "payment":
        row.data["type"] = "order"
    return row


def _without_payment(row: ParsedRow) -> ParsedRow:
    """The row, with an error if it only says that money was paid."""
    is_payment = row.data is not None and _type_of(row.data, None) in PAYMENTS
    return replace(row, errors=(*row.errors, PAYMENT_ERROR)) if is_payment else row


def _type_of(data: Mapping[str, Any], type_: str | None) -> str | None:
    if not (given := data.get("type")):
        return type_
    word = str(given).strip().casefold().replace(" ", "_")
    return TYPE_WORDS.get(word, word)


def _continues(held: ParsedRow, row: ParsedRow) -> bool:
    """Whether the row is another line of the order before it: it has its number, and no amount of its own."""
    if held.data is None or row.data is None or not row.data.get("event_id"):
        return False
    return row.data["event_id"] == held.data.get("event_id") and "amount" not in row.data


def _add_items(held: ParsedRow, row: ParsedRow) -> None:
    """Add what the line has to the fields of the order: several values of a field become a list."""
    assert held.data is not None
    assert row.data is not None
    fields = held.data.setdefault("fields", {})
    for name, value in row.data.get("fields", {}).items():
        known = fields.get(name)
        if known is None:
            fields[name] = value
        elif isinstance(known, list):
            known.append(value)
        else:
            fields[name] = [known, value]
    for channel, value in row.data.get("consent", {}).items():
        said = held.data.setdefault("consent", {})
        said[channel] = stricter(said.get(channel), value)


def _without_refund(row: ParsedRow, counts: OrderCounts) -> ParsedRow:
    """The order without what was given back; one that was undone counts nothing."""
    if row.data is None or row.data.get("type") not in {"order", "refund"}:
        return row
    fields = {_plain(name): value for name, value in row.data.get("fields", {}).items()}
    if row.data["type"] == "refund":
        failed = any(_status(fields, name) in FAILED | UNPAID for name in STATUS_COLUMNS)
        return replace(row, errors=(*row.errors, FAILED_ERROR)) if failed else row
    if any(_status(fields, name) in UNDONE for name in STATUS_COLUMNS) or any(map(fields.get, CANCELLED_AT)):
        counts.undone += 1
        return replace(row, errors=(*row.errors, UNDONE_ERROR))
    if any(_status(fields, name) in UNPAID for name in STATUS_COLUMNS):
        return replace(row, errors=(*row.errors, PENDING_ERROR))
    if (amount := amount_of(row)) is None:
        return row
    refunded, warnings = read_refunded(fields, amount)
    row = replace(row, warnings=(*row.warnings, *warnings))
    if not refunded:
        return row
    left = amount - refunded
    if left <= 0:
        counts.undone += 1
        return replace(row, errors=(*row.errors, UNDONE_ERROR))
    counts.refunded += 1
    return replace(row, data={**(row.data or {}), "amount": str(left)})


def _in_currency(row: ParsedRow, currency: str | None, counts: OrderCounts) -> ParsedRow:
    """The row, with an error if its amount is in another currency than all others in the deployment."""
    fields = {_plain(name): value for name, value in (row.data or {}).get("fields", {}).items()}
    named = next((fields[name] for name in CURRENCY_COLUMNS if fields.get(name)), "")
    given = str(named[0] if isinstance(named, list) else named).strip().upper()[:MAX_CURRENCY]
    if given and (given in counts.currencies or len(counts.currencies) < MAX_CURRENCIES):
        counts.currencies[given] += 1
    if not (currency and _CODE.fullmatch(given)) or given == currency or "amount" not in (row.data or {}):
        return row
    message = f"This amount is in {given}, and all amounts are in {currency}: convert it, or leave the row out."
    return replace(row, errors=(*row.errors, FieldError(field="amount", code="currency", message=message)))


def _plain(text: str) -> str:
    return text.casefold().replace("_", " ").replace("-", " ").strip()


def _status(fields: Mapping[str, Any], name: str) -> str:
    """The status in this column, without the prefix of WooCommerce."""
    return _plain(str(fields.get(name, ""))).removeprefix("wc ")
