"""Phone numbers: from the ways in which people write them to E.164."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import phonenumbers
from pydantic_core import PydanticCustomError

_region_of_input: ContextVar[str] = ContextVar("the region of numbers without a country code", default="IN")


@contextmanager
def phones_without_country_in(region: str) -> Iterator[None]:
    """Within it, a number without a country code is a number of `region`, an ISO 3166 country code."""
    token = _region_of_input.set(region)
    try:
        yield
    finally:
        _region_of_input.reset(token)


def is_region(code: str) -> bool:
    """True for a country whose phone numbers are known."""
    return code in phonenumbers.SUPPORTED_REGIONS


def normalize_phone(value: str) -> str:
    """The number in E.164 format, like +919812345678. A number without a country code is one of the deployment's
    region (`DEFAULT_REGION`)."""
    region = _region_of_input.get()
    try:
        number = phonenumbers.parse(value, region)
    except phonenumbers.NumberParseException as error:
        raise PydanticCustomError("phone", "This is not a phone number: {reason}", {"reason": str(error)}) from error
    if not phonenumbers.is_valid_number(number):
        message = "This phone number does not exist; include the country code, like +{code} …"
        raise PydanticCustomError("phone", message, {"code": phonenumbers.country_code_for_region(region)})
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
