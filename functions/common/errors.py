"""All errors that Herald raises on purpose.

    HeraldError                       status  permanent
    ├── Invalid                          422  yes   the request is wrong; `fields` lists each problem
    ├── TooLarge                         413  yes
    ├── UnsupportedFile                  415  yes   a kind of file that has no rows; the message says what to send
    ├── Unauthenticated                  401  yes
    ├── Forbidden                        403  yes
    ├── NotFound                         404  yes
    ├── TooManyRequests                  429  no    the caller asks for too much; `retry_after` says how long to wait
    ├── Refused                          409  yes   not possible in the current state
    │   └── Exists                       409  yes   the document to be created exists already
    ├── BudgetUsedUp                     429  yes   what the deployment allows for a day is used up
    ├── InvalidWrite                     500  yes   the database or the queue cannot store a part of the data
    ├── Misconfigured                    500  yes   a setting is missing or wrong
    └── Unavailable                      503  no    temporary: the same request can succeed later
        ├── Conflict                     503  no    another writer changed the document meanwhile
        ├── Contention                   503  no    too many writers at once; nothing was written
        ├── Busy                         503  no    another worker is processing the same item
        ├── AudienceTooLarge             503  no    the audience index does not fit in the memory of this instance
        └── VendorDown                   503  no    a vendor accepts no messages now (vendor/vendor.py)

A permanent error is never retried: an API caller gets a problem response, an event goes to the dead letters with its
reason. The docstring of each class is its default message.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True, slots=True)
class FieldError:
    """One problem in the request."""

    field: str  # the path of the field: "message.subject", "3.email"
    code: str  # the kind of problem, for programs: a key of `FIELD_CODES` in common/catalogue/field_codes.py
    message: str  # how to fix it, for people
    limit: float | None = None  # the limit that the value is beyond, if that is the problem
    position: int | None = None  # of a problem in a rule: the character, from 1
    suggestion: str | None = None  # what the whole field may be meant to be
    value: str | None = None  # what was there, of a cell that was left out

    def to_dict(self) -> dict[str, Any]:
        """For responses, without what is not known."""
        fields = ("field", "code", "message", "limit", "position", "suggestion", "value")
        return {name: value for name in fields if (value := getattr(self, name)) is not None}


class HeraldError(Exception):
    """An internal error."""

    status = 500
    permanent = True

    def __init__(self, message: str | None = None, *, fields: Sequence[FieldError] = ()) -> None:
        super().__init__(message or (type(self).__doc__ or "").strip())
        self.fields = tuple(fields)

    @property
    def code(self) -> str:
        """The name of the class in snake case, for programs: `not_found`."""
        name = type(self).__name__
        return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name).lstrip("_")


class Invalid(HeraldError):
    """The request is not valid."""

    status = 422


class TooLarge(HeraldError):
    """The request body is too large: a file may have 32 MB, a callback 2 MB, everything else 256 kB."""

    status = 413


class UnsupportedFile(HeraldError):
    """This kind of file cannot be imported: send CSV, a workbook (.xlsx), NDJSON or JSON."""

    status = 415


class Unauthenticated(HeraldError):
    """Sign in first: send a valid ID token as `Authorization: Bearer …`."""

    status = 401


class Forbidden(HeraldError):
    """Your role does not allow this; ask an admin."""

    status = 403


class NotFound(HeraldError):
    """Not found."""

    status = 404


class Refused(HeraldError):
    """Not possible in the current state."""

    status = 409


class TooManyRequests(HeraldError):
    """Too many requests; wait before you send the next one."""

    status = 429
    permanent = False

    def __init__(self, *, retry_after: int) -> None:
        super().__init__(f"Too many requests; send the next one in {retry_after} s.")
        self.retry_after = retry_after  # seconds


class Exists(Refused):
    """Exists already."""


class BudgetUsedUp(HeraldError):
    """What the deployment allows for a day is used up."""

    status = 429


class InvalidWrite(HeraldError):
    """A part of the data cannot be stored."""


class Misconfigured(HeraldError):
    """A setting of the deployment is missing or wrong."""


class Unavailable(HeraldError):
    """A service that Herald depends on did not answer; try again."""

    status = 503
    permanent = False


class Conflict(Unavailable):
    """Changed by another request at the same time; try again."""


class Contention(Unavailable):
    """Too many requests change the same document at once; try again."""


class Busy(Unavailable):
    """The same item is being processed; try again later."""


class AudienceTooLarge(Unavailable):
    """The audience index does not fit in the memory of this instance: give the function more memory."""
