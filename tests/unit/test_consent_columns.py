"""What columns of consent and of opt-outs say about people: nobody who said no is written to."""

from __future__ import annotations

import io
from typing import Any

import pytest

from customers.formats.columns import CUSTOMERS
from customers.formats.csv_table import CsvTable


def consent_of(heading: str, *cells: str) -> list[Any]:
    """What each row of a table with this column says about e-mails: `granted`, `denied`, `unknown`, or None."""
    lines = [f"Email\t{heading}", *(f"a{number}@example.com\t{cell}" for number, cell in enumerate(cells))]
    table = CsvTable(io.BytesIO("\n".join(lines).encode()), schema=CUSTOMERS, mapping={})
    return [_state((row.data or {}).get("consent", {}).get("email")) for row in table.rows()]


def _state(said: Any) -> Any:
    if isinstance(said, dict):
        return f"{said['state']} {said['at']}"
    return {True: "granted", False: "denied"}.get(said, said)


@pytest.mark.parametrize("heading", ["Abgemeldet", "Email Opt Out", "Unsubscribed"])
@pytest.mark.parametrize(
    ("yes", "no"),
    [("ja", "nein"), ("oui", "non"), ("Sí", "no"), ("SI", "NO"), ("sim", "não"), ("जी हाँ", "जी नहीं"), ("✔️", "☐")],
)
def test_plain_word_in_an_opt_out_column_says_the_opposite(heading: str, yes: str, no: str) -> None:
    """A yes in any language is a no to messages, and a no says nothing."""
    assert consent_of(heading, yes, no) == ["denied", None]


def test_status_word_in_an_opt_out_column_keeps_its_sense() -> None:
    """`Email Opt Out = Unsubscribed` is no double negation."""
    assert consent_of("Email Opt Out", "unsubscribed", "opted out", "Subscribed") == ["denied", "denied", None]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["enabled", "blocklisted", "disabled"], [None, "denied", "unknown"]),
        (["Active", "Unsubscribed", "Junk"], [None, "denied", "unknown"]),
        (["unsubscribed", "subscribed", "Unsubscribed (manual)"], ["denied", "granted", "denied"]),
        (["unsubscribed", "-", "N/A"], ["denied", None, None]),
        (["Gold", "Silver"], [None, None]),
        (["active", "inactive"], [None, None]),
    ],
)
@pytest.mark.parametrize("heading", ["Status", "State"])
def test_one_clear_opt_out_makes_a_status_a_column_of_consent(heading: str, words: list[str], said: list[Any]) -> None:
    """The words that nobody knows are no consent; a status without an opt-out stays an attribute."""
    assert consent_of(heading, *words) == said


def test_opt_out_after_the_first_rows_denies() -> None:
    """The types of columns are decided by the first rows, but an opt-out counts wherever it stands."""
    said = consent_of("Status", *["gold"] * 600, "Unsubscribed", "gold")
    assert said == [None] * 600 + ["denied", None]


@pytest.mark.parametrize(
    ("heading", "cell", "said"),
    [
        ("Opted out of email: Marketing Information", "true", "denied"),
        ("EMAIL_BLACKLISTED", "1", "denied"),
        ("Email Suppressions", '["USER_SUPPRESSED"]', "denied"),
        ("Email Suppressions", "[HARD_BOUNCE]", "denied"),
        ("Email Suppressions", "[]", None),
        ("Unsubscribed Time", "2025-01-02", "denied 2025-01-02"),
        ("Unsubscribed (UTC)", "true", "denied"),
        ("Can email", "No", "denied"),
        ("Email Permission", "No", "denied"),
        ("No enviar correos", "Sí", "denied"),
        ("Acepta publicidad", "No", "denied"),
        ("Acepta publicidad", "Sí", "granted"),
        ("Email: work", "true", None),
    ],
)
def test_opt_out_of_a_real_tool_is_understood(heading: str, cell: str, said: Any) -> None:
    """None of them becomes an attribute that nobody looks at."""
    assert consent_of(heading, cell) == [said]


def test_suppression_wins_over_a_subscription() -> None:
    """Klaviyo has both columns."""
    heading = "Email Marketing Consent\tEmail Suppressions"
    assert consent_of(heading, "SUBSCRIBED\t[USER_SUPPRESSED]", "SUBSCRIBED\t[]") == ["denied", "granted"]


def test_times_in_a_column_of_consent_follow_its_own_order_of_dates() -> None:
    """12/25 shows that the month is first in the whole column; the heading says what was said then."""
    cells = ["12/25/2025", "03/04/2025"]
    days = ["2025-12-25", "2025-03-04"]
    assert consent_of("Unsubscribed At", *cells) == [f"denied {day}" for day in days]
    assert consent_of("Email Opt-In", *cells) == [f"granted {day}" for day in days]
    both = consent_of("Email Opt-In\tUnsubscribed", "2025-03-04\t", "2025-03-04\t1")
    assert both == ["granted 2025-03-04", "denied"]
