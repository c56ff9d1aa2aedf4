"""What was given back, in a table of orders: columns of refunds beside the orders, and rows that are refunds.

Several refunds of one order add up, whether they stand in lines of the order or in rows of their own. Where it is not
certain how they are meant, the row says how they were read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from common.errors import FieldError

from .cells import Misfit
from .json_rows import ParsedRow
from .number_cells import read_number

REFUND_COLUMNS = ("refunded amount", "order refund amount", "refund amount", "amount refunded")
ORDER_NUMBERS = frozenset(
    {"order id", "order number", "order no", "order name", "order", "name", "bestellnummer", "número de pedido"}
    | {"numéro de commande"}
)
"""Headings of the number of an order, in lower case. A refund in such a column has the number of its order; in another
one, such as that of vouchers, it has a number of its own."""
_NUMBER = re.compile(r"-?\d{1,20}(\.\d{1,20})?", re.ASCII)
MAX_SHOWN = 200
MAX_LINES = 1_000
"""Of one refund. Those after them are another refund with the same id: a duplicate."""
NEGATIVE = FieldError(
    field="amount", code="doubtful", message="This amount is negative, so the row is read as a refund; check it."
)


def with_sign_read(row: ParsedRow) -> ParsedRow:
    """The row; an order with a negative amount is a refund. A refund has no sign."""
    amount = str((row.data or {}).get("amount", ""))
    if row.data is None or not amount.startswith("-") or row.data.get("type") not in {"order", "refund"}:
        return row
    row.data["amount"] = amount.removeprefix("-")
    if row.data["type"] == "refund":
        return row
    row.data["type"] = "refund"
    return replace(row, warnings=(*row.warnings, replace(NEGATIVE, value=amount[:MAX_SHOWN])))


def is_next_line(lines: Sequence[ParsedRow], row: ParsedRow, *, by_time: bool) -> bool:
    """Whether a row with an amount is the next one of the refund with these lines. Refunds that have the number of
    their order are also told apart by their time."""
    first, next_ = lines[0].data or {}, row.data or {}
    if not (first.get("type") == next_.get("type") == "refund") or first.get("event_id") != next_.get("event_id"):
        return False
    return len(lines) < MAX_LINES and (not by_time or first.get("at") == next_.get("at"))


def join_refund(lines: Sequence[ParsedRow]) -> ParsedRow:
    """One refund of its lines. A line that is in all cells the same as another one stands there twice."""
    first = lines[0]
    different = list({tuple(sorted(line.sent.items())): line for line in lines}.values())
    amounts = [amount for line in different if (amount := amount_of(line)) is not None]
    if first.data is None or len(amounts) < 2:
        return first
    total = sum(amounts, Decimal())
    first.data["amount"] = str(total)
    if len(set(amounts)) == len(amounts):
        return first
    return replace(first, warnings=(*first.warnings, _added_up("amount", amounts, total)))


def with_own_event_id(row: ParsedRow) -> ParsedRow:
    """A refund that has the number of its order, with an id of its own; the same in each file that has it."""
    data, amount = row.data or {}, amount_of(row)
    if data.get("type") == "refund" and data.get("event_id") and data.get("at") and amount is not None:
        data["event_id"] = f"{data['event_id']} refund {_plain_time(str(data['at']))} {amount.normalize():f}"
    return row


def _plain_time(text: str) -> str:
    """The time in one form: not every file has the seconds."""
    with suppress(ValueError):
        return datetime.fromisoformat(text).isoformat()
    return text


def amount_of(row: ParsedRow) -> Decimal | None:
    """The amount of a row; None if it has none, or none that is a number."""
    text = str((row.data or {}).get("amount", ""))
    return Decimal(text) if _NUMBER.fullmatch(text) else None


def read_refunded(fields: Mapping[str, Any], amount: Decimal) -> tuple[Decimal, tuple[FieldError, ...]]:
    """What the columns of refunds say was given back of an order of this amount, and where that is not certain.

    `fields` are those of all lines, by their plain names: several values are a list.
    """
    name = next((name for name in REFUND_COLUMNS if fields.get(name) is not None), None)
    if name is None:
        return Decimal(), ()
    given = fields[name] if isinstance(fields[name], list) else [fields[name]]
    read = [(value, _read_refund(value)) for value in given]
    values = [abs(value) for _, value in read if value]
    unclear = next((value for value, number in read if number is None), None)
    warnings = [] if unclear is None else [_not_understood(f"{name}: {unclear}")]
    total = sum(values, Decimal())
    if len(values) > 1 and len(set(values)) == 1:
        if total > amount:  # the total of the order, in each of its lines
            total = values[0]
            message = f"Each line of this order has the same refund, so it is counted once: {total}. Check it."
            warnings.append(FieldError(field="amount", code="doubtful", message=message, value=str(total)))
        else:
            warnings.append(_added_up("amount", values, total))
    return total, tuple(warnings)


def _read_refund(value: Any) -> Decimal | None:
    """The amount of a cell, 0 if it says that there is none; None if nobody knows."""
    if value is False:
        return Decimal()
    with suppress(Misfit):
        return None if value is True else read_number(str(value))
    return None


def _not_understood(text: str) -> FieldError:
    message = "This refund is no amount, so nothing is subtracted for it; check the order."
    return FieldError(field="amount", code="doubtful", message=message, value=text[:MAX_SHOWN])


def _added_up(field: str, amounts: Sequence[Decimal], total: Decimal) -> FieldError:
    shown = " + ".join(map(str, amounts))[:MAX_SHOWN]
    message = f"Several lines have the same refund; they are added up to {total}. Check it."
    return FieldError(field=field, code="doubtful", message=message, value=shown)
