"""The customers that a row may refer to, so that an erasure also finds rejected rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from pydantic_core import PydanticCustomError

from common.addresses.address import AddressHasher
from common.phones import normalize_phone

from ..model.customer import normalize_email, normalize_external_id

NORMALIZERS: Mapping[str, Callable[[str], str]] = {
    "customer_id": str,
    "external_id": normalize_external_id,
    "email": normalize_email,
    "phone": normalize_phone,
}


def identities_in(data: Mapping[str, Any], hashes: AddressHasher) -> set[str]:
    """The customer ids and normalized addresses in a row's data, in lower case. Invalid addresses are left out."""
    identities: set[str] = set()
    for name, normalize in NORMALIZERS.items():
        if value := _identifier_text(data.get(name)):
            with suppress(PydanticCustomError):  # an invalid address belongs to no customer
                normalized = normalize(value)
                identity = hashes.customer_id(name, normalized) if name == "external_id" else normalized
                identities.add(identity.casefold())
    return identities


def _identifier_text(value: Any) -> str:
    return str(value).strip() if isinstance(value, str | int) else ""
