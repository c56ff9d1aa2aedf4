"""The first name that a message greets a person with."""

from __future__ import annotations

import pytest

from campaigns.sending.first_name import first_name


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Asha Rao", "Asha"),
        ("Rao, Dr. Asha", "Asha"),
        ("MR. ASHA RAO", "ASHA"),
        ("K. Sivakumar", "Sivakumar"),
        ("Smt. K. R. Asha", "Asha"),
        ("K.R. Narayanan", "Narayanan"),
        ("श्री आशा राव", "आशा"),
        ("Asha", "Asha"),
        ("Dr.", "Dr."),
        ("K.", "K."),
        ("Rao,", "Rao"),
        ("  ", None),
        (None, None),
    ],
)
def test_first_name_is_neither_a_title_nor_an_initial(name: str | None, expected: str | None) -> None:
    """Titles, initials and a last name before a comma are skipped, as long as something is left."""
    assert first_name(name) == expected
