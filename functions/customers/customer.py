"""A customer: as the caller gives it, as it is stored, and as the caller gets it back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any
from zoneinfo import available_timezones

import phonenumbers
from email_validator import EmailNotValidError, validate_email
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, JsonValue, model_validator
from pydantic_core import PydanticCustomError

from common import ids
from common.money import decimal

REGION = "IN"  # of phone numbers that are given without a country
Count = Annotated[int, Field(ge=0, le=2**31 - 1)]
Text = Annotated[str, Field(max_length=500)]


def _email(value: str) -> str:
    """Normalized by the field's library; the part before the @ in lower case too, as every large provider treats it."""
    try:
        return validate_email(value, check_deliverability=False).normalized.lower()
    except EmailNotValidError as error:
        raise PydanticCustomError("email", "This is no e-mail address: {reason}", {"reason": str(error)}) from error


def _phone(value: str) -> str:
    """E.164, like +919812345678."""
    try:
        number = phonenumbers.parse(value, REGION)
    except phonenumbers.NumberParseException as error:
        raise PydanticCustomError("phone", "This is no phone number: {reason}", {"reason": str(error)}) from error
    if not phonenumbers.is_valid_number(number):
        raise PydanticCustomError("phone", "There is no such phone number; give it with its country, like +91 …")
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def _timezone(value: str) -> str:
    if value not in available_timezones():
        raise PydanticCustomError("timezone", "There is no such time zone; give it like Asia/Kolkata")
    return value


def _utc(value: datetime) -> datetime:
    return (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(UTC)


def _stripped(value: Any) -> Any:
    """An empty text says nothing."""
    return (value.strip() or None) if isinstance(value, str) else value


class CustomerIn(BaseModel):
    """One customer as a caller gives it; what is not given stays as it is."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    external_id: Annotated[Text | None, BeforeValidator(_stripped)] = None
    email: Annotated[Annotated[Text, AfterValidator(_email)] | None, BeforeValidator(_stripped)] = None
    phone: Annotated[Annotated[Text, AfterValidator(_phone)] | None, BeforeValidator(_stripped)] = None
    name: Annotated[Text | None, BeforeValidator(_stripped)] = None
    city: Annotated[Text | None, BeforeValidator(_stripped)] = None
    timezone: Annotated[Annotated[str, AfterValidator(_timezone)] | None, BeforeValidator(_stripped)] = None
    spend: Annotated[Decimal, Field(ge=0, le=10**12, decimal_places=2)] = Decimal(0)
    visits: Count = 0
    orders: Count = 0
    active_days: Count = 0
    last_active_at: Annotated[Annotated[datetime, AfterValidator(_utc)] | None, BeforeValidator(_stripped)] = None
    tags: Annotated[list[Annotated[str, Field(min_length=1, max_length=100)]], Field(max_length=100)] = []
    attributes: Annotated[dict[str, JsonValue], Field(max_length=100)] = {}
    consent: dict[str, bool] = {}

    @model_validator(mode="after")
    def _known_by_something(self) -> CustomerIn:
        if not (self.external_id or self.email or self.phone):
            raise PydanticCustomError("missing", "Give an external_id, an email or a phone to know the person by")
        return self

    @property
    def id(self) -> str:
        """By the caller's own id, else the e-mail, else the phone."""
        for kind in ("external_id", "email", "phone"):
            if value := getattr(self, kind):
                return ids.customer_id(kind, value)
        raise AssertionError("checked by the model")

    def given(self) -> dict[str, Any]:
        """The fields that were given, as they are stored."""
        values = {name: getattr(self, name) for name in self.model_fields_set}
        if "spend" in values:
            values["spend"] = int(self.spend * 100)
        return values


def merged(before: Mapping[str, Any] | None, row: CustomerIn, *, now: datetime) -> dict[str, Any]:
    """The customer's document after this row. Maps are merged, everything else is replaced."""
    given = row.given()
    for name in ("attributes", "consent"):
        if before and name in given:
            given[name] = {**before[name], **given[name]}
    if before and all(before.get(name) == value for name, value in given.items()):
        return dict(before)
    start = before or {**_EMPTY, "created_at": now, "bucket": ids.bucket_of(row.id), "version": 0}
    version = max(start["version"] + 1, int(now.timestamp() * 1_000_000))
    return {**start, **given, "updated_at": now, "version": version}


_EMPTY: Mapping[str, Any] = {
    name: field.get_default(call_default_factory=True) for name, field in CustomerIn.model_fields.items()
} | {"spend": 0}


class Customer(BaseModel):
    """One customer, as the API gives it back."""

    id: str
    external_id: str | None
    email: str | None
    phone: str | None
    name: str | None
    city: str | None
    timezone: str | None
    spend: float  # in the deployment's currency
    visits: int
    orders: int
    active_days: int
    last_active_at: datetime | None
    created_at: datetime
    updated_at: datetime
    tags: list[str]
    attributes: dict[str, JsonValue]
    consent: dict[str, bool]

    @classmethod
    def of(cls, customer_id: str, stored: Mapping[str, Any]) -> Customer:
        return cls.model_validate({**stored, "id": customer_id, "spend": decimal(stored["spend"])})
