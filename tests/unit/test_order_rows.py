"""Rows of shops and accounts that are no orders, or no orders any more: they add nothing to anybody's figures."""

from __future__ import annotations

import io
from typing import Any

import pytest

from customers.formats.columns import ACTIVITIES, CUSTOMERS
from customers.formats.csv_table import CsvTable
from customers.formats.json_rows import ParsedRow


def order(heading: str, cell: str) -> ParsedRow:
    """The row of an order with this cell."""
    table = f"Email,Order ID,Order Date,Total,{heading}\na@example.com,1,2026-01-02,500,{cell}\n"
    [row] = CsvTable(io.BytesIO(table.encode()), schema=ACTIVITIES, mapping={}).rows()
    return row


def outcome(row: ParsedRow) -> Any:
    return row.errors[0].code if row.errors else (row.data or {})["type"]


@pytest.mark.parametrize(
    ("heading", "cell", "expected"),
    [
        ("Transaction Type", "Sale", "order"),
        ("Transaction Type", "Credit Note", "refund"),
        ("Transaction Type", "Payment-In", "option"),
        ("Voucher Type", "Sales", "order"),
        ("Vch Type", "Credit Note", "refund"),
        ("Voucher Type", "Receipt", "option"),
        ("Cancelled at", "2026-01-03 10:00:00 +0530", "undone"),
        ("Cancelled at", "", "order"),
        ("Status", "Pending payment", "undone"),
        ("Order Status", "on-hold", "undone"),
        ("status", "wc-pending", "undone"),
        ("Order Status", "wc-cancelled", "undone"),
        ("order_status", "Cancelled", "undone"),
        ("Status", "Completed", "order"),
        ("Financial Status", "paid", "order"),
        ("Financial Status", "pending", "undone"),
    ],
)
def test_row_counts_only_if_it_is_an_order(heading: str, cell: str, expected: str) -> None:
    """A credit note is a refund; a payment, and an order that is cancelled or pending, is left out with the reason."""
    assert outcome(order(heading, cell)) == expected


def test_credit_note_with_a_minus_is_a_refund_too() -> None:
    """The sign says the same as the type, so it does not turn the refund into spend."""
    table = b"Email,Voucher No,Voucher Date,Total,Voucher Type\na@x.com,1,2026-01-02,-500,Credit Note\n"
    [row] = CsvTable(io.BytesIO(table), schema=ACTIVITIES, mapping={}).rows()
    assert row.data is not None
    assert (row.data["type"], row.data["amount"]) == ("refund", "500")


@pytest.mark.parametrize("cell", ["yes", "TRUE", "no"])
def test_yes_in_the_column_of_refunds_is_no_amount(cell: str) -> None:
    """Nobody knows how much was given back: the order counts as it stands."""
    row = order("Refund Amount", cell)
    assert row.data is not None
    assert (row.data["amount"], row.errors) == ("500", ())


def test_lines_of_a_cancelled_order_are_one_order() -> None:
    """The reason stands once, and the next order is read."""
    rows = (
        b"Email,Order ID,Order Date,Total,Cancelled at,Item\na@x.com,1,2026-01-02,5,2026-01-03,Cup\na@x.com,1,,,,Hat\n"
    )
    table = CsvTable(io.BytesIO(rows + b"a@x.com,2,2026-01-02,6,,Hat\n"), schema=ACTIVITIES, mapping={})
    assert [outcome(row) for row in table.rows()] == ["undone", "order"]


@pytest.mark.parametrize("heading", ["2025-01-15", "15.01.2025", "15-01-2025", "2025-2026"])
def test_heading_that_is_a_date_is_no_phone_number(heading: str) -> None:
    """The first line is still the header."""
    [row] = CsvTable(io.BytesIO(f"Email,{heading}\na@x.com,7\n".encode()), schema=CUSTOMERS, mapping={}).rows()
    assert row.data == {"email": "a@x.com", "attributes": {heading: 7}}
