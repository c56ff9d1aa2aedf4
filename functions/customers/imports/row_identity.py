"""Known: whom a row may be about that was rejected, so that it is found when that person is erased."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from pydantic_core import PydanticCustomError

from common import ids

from ..model.customer import email_address, phone_number

READ: Mapping[str, Callable[[str], str]] = {
    "customer_id": str,
    "external_id": lambda value: ids.customer_id("external_id", value),
    "email": email_address,
    "phone": phone_number,
}


def known_by(data: Mapping[str, Any]) -> set[str]:
    """Of what a row says: customer ids and addresses, as they stand on a customer however they were typed."""
    known: set[str] = set()
    for name, read in READ.items():
        if value := _text(data.get(name)):
            with suppress(PydanticCustomError):  # what is no address is nobody's
                known.add(read(value).casefold())
    return known


def _text(value: Any) -> str:
    return str(value).strip() if isinstance(value, str | int) else ""
