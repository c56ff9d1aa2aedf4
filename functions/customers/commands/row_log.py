"""The entries of the audit log for rows that a person sends: in the commit that writes the rows.

The few rows that a program sends with a request are its normal work: one entry for each order would be no help.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Literal

from common.audit import audit_entry
from common.storage.documents import Put


def row_entries(
    what: Literal["customers", "activities"], rows: Iterable[tuple[str | None, str]], *, now: datetime
) -> list[Put]:
    """One entry for each person, with how many rows there are of each result; none if no row of theirs is accepted.

    `rows` have the person who sent each row, or None for one that is not logged, and its result. Several requests of
    one person that share a commit share its entry. The ids are new, so that a commit that the client sends again
    changes nothing.
    """
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for by, status in rows:
        if by is not None:
            counts[by][status] += 1
    accepted = {by: numbers for by, numbers in counts.items() if numbers.keys() - {"rejected"}}
    entries = (audit_entry(f"{what} written", by=by, at=now, subject=numbers) for by, numbers in accepted.items())
    return [Put(entry.path, entry.data) for entry in entries]
