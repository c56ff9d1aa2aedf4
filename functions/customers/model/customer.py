"""A customer: as the caller gives it, as it is stored, and as the caller gets it back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from typing import Annotated, Any, Self
from zoneinfo import available_timezones

import phonenumbers
from email_validator import EmailNotValidError, validate_email
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, JsonValue, model_validator
from pydantic_core import PydanticCustomError

from common import ids
from common.money import average, decimal
from common.storage.documents import Create, Snapshot, Update, Write

from .attributes import FreeMap

REGION = "IN"  # of phone numbers that are given without a country
Count = Annotated[int, Field(ge=0, le=2**31 - 1)]
Money = Annotated[Decimal, Field(ge=0, le=10**12, decimal_places=2)]


def _storable(value: str) -> str:
    """DuckDB's columns and many readers of CSV end a text at a NUL."""
    if "\x00" in value:
        raise PydanticCustomError("characters", "Leave out the NUL character")
    return value


Text = Annotated[str, Field(max_length=500), AfterValidator(_storable)]


def email_address(value: str) -> str:
    """Normalized by the field's library; the part before the @ in lower case too, as every large provider treats it."""
    try:
        return validate_email(value, check_deliverability=False).normalized.lower()
    except EmailNotValidError as error:
        raise PydanticCustomError("email", "This is no e-mail address: {reason}", {"reason": str(error)}) from error


def phone_number(value: str) -> str:
    """E.164, like +919812345678."""
    try:
        number = phonenumbers.parse(value, REGION)
    except phonenumbers.NumberParseException as error:
        raise PydanticCustomError("phone", "This is no phone number: {reason}", {"reason": str(error)}) from error
    if not phonenumbers.is_valid_number(number):
        raise PydanticCustomError("phone", "There is no such phone number; give it with its country, like +91 …")
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def _timezone(value: str) -> str:
    if value not in _timezones():
        raise PydanticCustomError("timezone", "There is no such time zone; give it like Asia/Kolkata")
    return value


@cache
def _timezones() -> frozenset[str]:
    """Looking them up takes 3 ms: they are files."""
    return frozenset(available_timezones())


def _utc(value: datetime) -> datetime:
    try:
        return (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(UTC)
    except OverflowError as error:
        raise PydanticCustomError("date", "There is no such instant in UTC") from error


def given_text(value: Any) -> Any:
    """An empty text says nothing."""
    return (value.strip() or None) if isinstance(value, str) else value


Optional = Annotated[Text | None, BeforeValidator(given_text)]
Instant = Annotated[datetime, AfterValidator(_utc)]
Email = Annotated[Annotated[Text, AfterValidator(email_address)] | None, BeforeValidator(given_text)]
Phone = Annotated[Annotated[Text, AfterValidator(phone_number)] | None, BeforeValidator(given_text)]


class Consent(BaseModel):
    """What a person said about a channel, when, and where."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    given: bool
    at: Instant | None = None  # now, where the caller does not say
    source: Text | None = None


Channel = Annotated[str, Field(pattern=r"^[a-z]{1,20}$")]


class Person(BaseModel):
    """What a caller knows a person by."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    external_id: Optional = None
    email: Email = None
    phone: Phone = None

    @property
    def id(self) -> str:
        """By the caller's own id, else the e-mail, else the phone; empty where none is given."""
        for kind in ("external_id", "email", "phone"):
            if value := getattr(self, kind):
                return ids.customer_id(kind, value)
        return ""

    @model_validator(mode="after")
    def _known_by_something(self) -> Self:
        if not self.id:
            raise PydanticCustomError("missing", "Give an external_id, an email or a phone to know the person by")
        return self


class Details(BaseModel):
    """What can be known of a person besides; what is not given stays as it is."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Optional = None
    city: Optional = None
    timezone: Annotated[Annotated[str, AfterValidator(_timezone)] | None, BeforeValidator(given_text)] = None
    spend: Money = Decimal(0)
    visits: Count = 0
    orders: Count = 0
    active_days: Count = 0
    last_active_at: Annotated[Instant | None, BeforeValidator(given_text)] = None
    first_order_at: Annotated[Instant | None, BeforeValidator(given_text)] = None
    tags: Annotated[list[Annotated[Text, Field(min_length=1, max_length=100)]], Field(max_length=100)] = []
    attributes: FreeMap = {}
    consent: Annotated[dict[Channel, bool | Consent], Field(max_length=20)] = {}

    def given(self) -> dict[str, Any]:
        """The fields that were given, as they are stored; consent goes its own way."""
        values = {name: getattr(self, name) for name in self.model_fields_set - {"consent"}}
        if "spend" in values:
            values["spend"] = int(self.spend * 100)
        return values


class CustomerIn(Details, Person):
    """One customer as a caller gives it."""


class CustomerPatch(Details):
    """A change to one customer. Null takes away what is there; in `attributes` it takes away that one."""

    email: Email = None
    phone: Phone = None


def merged(before: Mapping[str, Any] | None, row: CustomerIn, *, now: datetime) -> dict[str, Any]:
    """The customer's document after this row. Maps are merged, everything else is replaced."""
    start = before or newcomer(row, now=now)
    given = row.given()
    if "attributes" in given:
        given["attributes"] = {**start["attributes"], **given["attributes"]}
    return renewed(start, given | _consented(start, row.consent, now), now=now)


def patched(before: Mapping[str, Any], patch: CustomerPatch, *, now: datetime) -> dict[str, Any]:
    """The customer's document after this change."""
    given = patch.given()
    if "attributes" in given:
        together = {**before["attributes"], **given["attributes"]}
        given["attributes"] = {name: value for name, value in together.items() if value is not None}
    return renewed(before, given | _consented(before, patch.consent, now), now=now)


def _consented(before: Mapping[str, Any], said: Mapping[str, bool | Consent], now: datetime) -> dict[str, Any]:
    """`consent` says what holds, `consents` since when and from where. To say the same again changes nothing."""
    held, known = dict(before["consent"]), dict(before.get("consents", {}))
    for channel, one in said.items():
        told = one if isinstance(one, Consent) else Consent(given=one)
        if held.get(channel) != told.given or told.at or told.source:
            earlier = known.get(channel, {}) if held.get(channel) == told.given else {}
            at, source = told.at or earlier.get("at") or now, told.source or earlier.get("source")
            held[channel], known[channel] = told.given, {"given": told.given, "at": at, "source": source}
    return {"consent": held, "consents": known}


def newcomer(person: Person, *, now: datetime) -> dict[str, Any]:
    """The document of somebody of whom nothing else is known."""
    known = {name: getattr(person, name) for name in Person.model_fields}
    return {**_EMPTY, **known, "created_at": now, "bucket": ids.bucket_of(person.id), "version": 0}


def renewed(before: Mapping[str, Any], changes: Mapping[str, Any], *, now: datetime) -> dict[str, Any]:
    """The document with these changes, as a new version where it is another then."""
    if before["version"] and all(before.get(name) == value for name, value in changes.items()):
        return dict(before)
    version = max(before["version"] + 1, int(now.timestamp() * 1_000_000))
    return {**before, **changes, "updated_at": now, "version": version}


def written(before: Snapshot, after: Mapping[str, Any]) -> Write:
    """The customer's new document, over the version that was read."""
    if before.data is None:
        return Create(before.path, after)
    new = {name: value for name, value in after.items() if name not in before.data or before.data[name] != value}
    return Update(before.path, new, before.version)


_EMPTY: Mapping[str, Any] = {
    name: field.get_default(call_default_factory=True) for name, field in CustomerIn.model_fields.items()
} | {"spend": 0, "consents": {}, "suppressed": []}


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
    average_order_value: float | None  # spend for each order; None without one
    active_days: int
    last_active_at: datetime | None
    first_order_at: datetime | None = None
    created_at: datetime
    updated_at: datetime
    tags: list[str]
    attributes: dict[str, JsonValue]
    consent: dict[str, bool]
    consents: dict[str, Consent] = {}
    suppressed: list[str] = Field(default=[], description="those of email and phone that must not be written to")

    @classmethod
    def of(cls, customer_id: str, stored: Mapping[str, Any]) -> Customer:
        each = average(stored["spend"], stored["orders"])
        computed = {
            "id": customer_id,
            "spend": decimal(stored["spend"]),
            "average_order_value": None if each is None else decimal(each),
        }
        return cls.model_validate({**stored, **computed})
