"""Consent: what a person said about messages on one channel, when, and from where Herald knows it.

Of two statements the stronger one holds:

- `granted` and `denied` are stronger than `unknown`.
- Of these, the newest one holds; of two of the same time, `denied`.
- A statement without a time counts in favour of the person: a `denied` as of the moment when it came in, a `granted` as
  of long ago. So a list without times can stop messages, and can never start them again.
- A time in the future counts as the moment when the statement came in.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import reduce
from typing import Any, Literal, Self

ConsentState = Literal["granted", "denied", "unknown"]
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True, slots=True)
class ConsentStatement:
    """One statement about one channel."""

    state: ConsentState
    at: datetime | None = None  # when the person said so; None: nobody knows
    source: str | None = None  # a form, a shop, a file
    by: str | None = None  # the member who recorded it
    recorded_at: datetime  # when Herald learned of it

    @classmethod
    def from_document(cls, stored: Mapping[str, Any]) -> Self:
        return cls(**stored)

    def to_document(self) -> dict[str, Any]:
        return asdict(self)

    @property
    def counts_as_of(self) -> datetime:
        """The time by which statements are compared."""
        if self.at is None:
            return self.recorded_at if self.state == "denied" else LONG_AGO
        return min(self.at, self.recorded_at)

    @property
    def strength(self) -> tuple[bool, datetime, bool]:
        return self.state != "unknown", self.counts_as_of, self.state == "denied"


def stronger(known: ConsentStatement, new: ConsentStatement) -> ConsentStatement:
    """The statement that holds. One that says the same again, without a time, changes nothing."""
    if new.at is None and new.state == known.state:
        return known
    return new if new.strength > known.strength else known


def strongest(statements: Iterable[ConsentStatement]) -> ConsentStatement:
    """The one that holds of several, the known ones first."""
    return reduce(stronger, statements)
