"""What must not stand in a URL: a search for a person has a name or an address, and URLs end up in logs and histories.

A route that lists people takes the search in the body of a POST. Its GET refuses the parameter instead of ignoring it,
so that nobody gets the whole list who asked for a part.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fastapi import Depends, Request

from common.errors import FieldError, Invalid


@dataclass(frozen=True, slots=True)
class NotInUrl:
    """A FastAPI dependency that refuses query parameters."""

    names: tuple[str, ...]
    instead: str  # where to send them

    async def __call__(self, request: Request) -> None:
        """Raises `Invalid` if one of the parameters is given."""
        message = f"Send it in the body of {self.instead}: what stands in a URL ends up in logs."
        given = [name for name in self.names if name in request.query_params]
        if given:
            fields = [FieldError(field=name, code="not_available", message=message) for name in given]
            raise Invalid("A search is not sent in the URL.", fields=fields)


def not_in_url(*names: str, instead: str) -> list[Any]:
    """The `dependencies` of a route that refuses these parameters."""
    return [Depends(NotInUrl(names, instead))]
