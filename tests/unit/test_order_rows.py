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
        ("Invoice Status", "Void", "undone"),
        ("Invoice Status", "Draft", "undone"),
        ("Status", "failure", "undone"),
        ("Kind", "capture", "order"),
        ("Kind", "authorization", "option"),
        ("Transaction Type", "Payment", "option"),
        ("Event Type", "Payment", "order"),
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


@pytest.mark.parametrize(("cell", "warned"), [("yes", 1), ("TRUE", 1), ("no", 0)])
def test_yes_in_the_column_of_refunds_is_no_amount(cell: str, warned: int) -> None:
    """Nobody knows how much was given back: the order counts as it stands, with a warning."""
    row = order("Refund Amount", cell)
    assert row.data is not None
    assert (row.data["amount"], row.errors, len(row.warnings)) == ("500", (), warned)


def rows_of(table: str) -> list[ParsedRow]:
    return list(CsvTable(io.BytesIO(table.encode()), schema=ACTIVITIES, mapping={}).rows())


def counted(table: str) -> list[tuple[str, str, str]]:
    """The id, type and amount of each row that counts."""
    return [
        (row.data["event_id"], row.data["type"], row.data["amount"])
        for row in rows_of(table)
        if row.data and not row.errors
    ]


def codes(table: str) -> list[list[str]]:
    return [[warning.code for warning in row.warnings] for row in rows_of(table)]


@pytest.mark.parametrize(
    ("refunds", "left", "warned"),
    [
        (["10", "5", "2.50"], "82.5", []),
        (["0", "5", ""], "95", []),
        (["-10", "5"], "85", []),
        (["20", "20"], "60", ["doubtful"]),  # two refunds, or one that stands in each line
        (["60", "60"], "40", ["doubtful"]),  # more than the order: it stands in each line
        (["10", "partly"], "90", ["doubtful"]),
        (["60", "40"], None, []),
        (["100", "100", "100"], None, []),
    ],
)
def test_refunds_in_several_lines_of_an_order_add_up(refunds: list[str], left: str | None, warned: list[str]) -> None:
    """What nobody can read is not subtracted, and the row says so; what may be meant in two ways as well."""
    first, *others = refunds
    table = f"Email,Order ID,Order Date,Total,Refunded Amount,Item\na@x.com,1,2026-01-02,100,{first},Cup\n"
    table += "".join(f"a@x.com,1,,,{refund},Hat {number}\n" for number, refund in enumerate(others))
    assert counted(table) == ([("1", "order", left)] if left else [])
    if left:
        assert codes(table) == [warned]


ORDER_WITH_REFUNDS = """Order ID,Date,Email,Kind,Amount,Item
1,2026-01-02,a@x.com,sale,100,
1,2026-01-05 10:00,a@x.com,refund,10,Cup
1,2026-01-05 10:00,a@x.com,refund,-20.50,Hat
1,2026-01-06,a@x.com,refund,5,Cup
2,2026-01-06,a@x.com,sale,70,
1,2026-01-07,a@x.com,refund,5.00,Cup
"""


def test_refunds_with_the_number_of_their_order_count_each_once() -> None:
    """They are no duplicates of the order: each has an id of its own, of its time and amount."""
    assert counted(ORDER_WITH_REFUNDS) == [
        ("1", "order", "100"),
        ("1 refund 2026-01-05T10:00:00 30.5", "refund", "30.50"),
        ("1 refund 2026-01-06T00:00:00 5", "refund", "5"),
        ("2", "order", "70"),
        ("1 refund 2026-01-07T00:00:00 5", "refund", "5.00"),
    ]


def test_refund_has_the_same_id_in_every_file_that_has_it() -> None:
    """A later file with only the newest refunds counts no refund twice, and none as the order."""
    head, *lines = ORDER_WITH_REFUNDS.splitlines()
    later = "\n".join([head, lines[5], lines[3]])
    assert counted(later) == [
        ("1 refund 2026-01-07T00:00:00 5", "refund", "5.00"),
        ("1 refund 2026-01-06T00:00:00 5", "refund", "5"),
    ]


@pytest.mark.parametrize(
    ("second", "total", "warned"),
    [
        ("C-1,2026-01-05,a@x.com,Credit Note,20,Hat", "30", []),
        ("C-1,2026-01-05,a@x.com,Credit Note,10,Hat", "20", ["doubtful"]),
        ("C-1,2026-01-05,a@x.com,Credit Note,10,Cup", "10", []),  # the same line twice
    ],
)
def test_lines_of_a_credit_note_are_one_refund(second: str, total: str, warned: list[str]) -> None:
    """It has a number of its own, which stays."""
    table = "Voucher No,Date,Email,Voucher Type,Amount,Item\nC-1,2026-01-05,a@x.com,Credit Note,10,Cup\n" + second
    assert counted(table) == [("C-1", "refund", total)]
    assert codes(table) == [warned]


def test_credit_note_with_the_number_of_the_sale_before_is_no_duplicate_of_it() -> None:
    """Some tills give both the same number."""
    table = "Bill No,Date,Email,Voucher Type,Amount\nB-1,2026-01-05,a@x.com,Sales,90\nB-1,2026-01-06,a@x.com,Return,40"
    assert counted(table) == [("B-1", "order", "90"), ("B-1 refund 2026-01-06T00:00:00 40", "refund", "40")]


def test_refund_that_failed_is_not_subtracted() -> None:
    """The customer has not got the money back."""
    table = "Order,Date,Email,Kind,Amount,Status\n1,2026-01-05,a@x.com,refund,40,failure\n"
    assert counted(table) == []


def test_order_with_a_negative_amount_is_a_refund() -> None:
    """The row says that it was read so."""
    table = "Bill No,Date,Email,Net Amount\nB-2,2026-01-05,a@x.com,-40\n"
    assert counted(table) == [("B-2", "refund", "40")]
    assert codes(table) == [["doubtful"]]


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
