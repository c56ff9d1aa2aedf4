"""Every error Herald raises on purpose.

    HeraldError                       status  permanent
    ├── Invalid                          422  yes   the caller sent something wrong; `fields` says what
    ├── TooLarge                         413  yes
    ├── Unauthenticated                  401  yes
    ├── Forbidden                        403  yes
    ├── NotFound                         404  yes
    ├── Refused                          409  yes   not possible in the state things are in
    │   └── Exists                       409  yes   a document that may be created only once is already there
    ├── Misconfigured                    500  yes   a setting is missing or wrong
    └── Unavailable                      503  no    try again: the same request can succeed later
        ├── Conflict                     503  no    somebody else changed the document in between
        ├── Busy                         503  no    somebody else is at this very piece of work
        └── VendorDown                   503  no    a vendor takes no messages now (vendor/vendor.py)

A permanent error is never retried: an API caller gets a problem, an event goes to the dead letters with its reason.
The docstring of each class is its default message.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class FieldError:
    """One thing that is wrong with what the caller sent."""

    field: str  # where, as a path: "message.subject", "3.email"
    code: str  # what kind, for programs: "missing", "not_a_number"
    message: str  # what to do about it, for people


class HeraldError(Exception):
    """Something went wrong."""

    status = 500
    permanent = True

    def __init__(self, message: str | None = None, *, fields: Sequence[FieldError] = ()) -> None:
        super().__init__(message or (type(self).__doc__ or "").strip())
        self.fields = tuple(fields)

    @property
    def code(self) -> str:
        """The class's name, for programs: `not_found`."""
        name = type(self).__name__
        return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name).lstrip("_")


class Invalid(HeraldError):
    """What was sent is not valid."""

    status = 422


class TooLarge(HeraldError):
    """The request is too large; the limit is 32 MB."""

    status = 413


class Unauthenticated(HeraldError):
    """Sign in first: send a valid ID token as `Authorization: Bearer …`."""

    status = 401


class Forbidden(HeraldError):
    """You are signed in, but may not do this; ask an admin."""

    status = 403


class NotFound(HeraldError):
    """There is no such thing."""

    status = 404


class Refused(HeraldError):
    """That is not possible now."""

    status = 409


class Exists(Refused):
    """It exists already."""


class Misconfigured(HeraldError):
    """The deployment's settings are wrong."""


class Unavailable(HeraldError):
    """Something Herald depends on did not answer; try again."""

    status = 503
    permanent = False


class Conflict(Unavailable):
    """It was changed by somebody else in the same moment; try again."""


class Busy(Unavailable):
    """The same piece of work is under way; try again later."""
