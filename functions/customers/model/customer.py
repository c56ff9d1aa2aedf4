"""A customer: the caller's input, the stored document, and the API's response."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal, Self

from email_validator import EmailNotValidError, validate_email
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    JsonValue,
    StringConstraints,
    model_validator,
)
from pydantic.json_schema import SkipJsonSchema
from pydantic_core import PydanticCustomError

from common.addresses.address import Address, AddressHasher, addresses_of
from common.addresses.consent import ConsentState, ConsentStatement, stronger
from common.addresses.holders import consent_flags
from common.audience.customer_writes import with_changes
from common.catalogue.channels import ADDRESS_KINDS
from common.catalogue.fields import fields_of_kind
from common.clock import UtcDatetime
from common.errors import FieldError
from common.ids import bucket_of
from common.money import average, to_major_units
from common.phones import normalize_phone
from common.web.given_by_herald import without_computed

from .attributes import Attributes
from .past_time import PastTime
from .time_zones import time_zone_name

IDENTITY_MESSAGE = "This address identifies the customer. Create a customer with the new address and erase this one."
Count = Annotated[int, Field(ge=0, le=2**31 - 1)]
Money = Annotated[Decimal, Field(ge=0, le=10**12, decimal_places=2)]


def _reject_nul(value: str) -> str:
    """DuckDB's columns and many CSV readers end a text at a NUL."""
    if "\x00" in value:
        raise PydanticCustomError("characters", "The NUL character is not allowed")
    return value


LimitedText = Annotated[str, Field(max_length=500), AfterValidator(_reject_nul)]
Tag = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100), AfterValidator(_reject_nul)
]


def normalize_email(value: str) -> str:
    """The normalized address, in lower case also before the @, as every large provider treats it."""
    try:
        return validate_email(value, check_deliverability=False).normalized.lower()
    except EmailNotValidError as error:
        raise PydanticCustomError("email", "This is not an e-mail address: {reason}", {"reason": str(error)}) from error


def _normalize_timezone(value: str) -> str:
    name = time_zone_name(value)
    if name is None:
        raise PydanticCustomError("timezone", "Unknown time zone; use a name like Asia/Kolkata")
    return name


def blank_to_none(value: Any) -> Any:
    """Treat an empty text as not given."""
    return (value.strip() or None) if isinstance(value, str) else value


def normalize_external_id(value: str) -> str:
    """Without the apostrophe by which a spreadsheet marks a number as text, and in Unicode's composed form."""
    return unicodedata.normalize("NFC", value).strip().lstrip("'").strip()


def number_to_text(value: Any) -> Any:
    """A whole number as text: programs send ids and phone numbers as numbers."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _optional_id(value: Any) -> Any:
    text = number_to_text(value)
    return (normalize_external_id(text) or None) if isinstance(text, str) else text


def _own_id(value: Any) -> Any:
    """The id of a customer; None for anything else, such as one that a spreadsheet has changed."""
    return value if isinstance(value, str) and re.fullmatch("[0-9a-f]{32}", value) else None


def _optional_phone(value: Any) -> Any:
    return blank_to_none(number_to_text(value))


def _none_to(cleared: Any) -> BeforeValidator:
    """Null clears the field: it gets the value that a new customer has."""
    return BeforeValidator(lambda value: cleared if value is None else value)


OptionalText = Annotated[LimitedText | None, BeforeValidator(blank_to_none)]
Email = Annotated[Annotated[LimitedText, AfterValidator(normalize_email)] | None, BeforeValidator(blank_to_none)]
ExternalId = Annotated[LimitedText | None, BeforeValidator(_optional_id)]
Phone = Annotated[Annotated[LimitedText, AfterValidator(normalize_phone)] | None, BeforeValidator(_optional_phone)]
TimeZoneName = Annotated[Annotated[str, AfterValidator(_normalize_timezone)] | None, BeforeValidator(blank_to_none)]


class ConsentInput(BaseModel):
    """What a person said about one channel: `true`, `false`, a state, or an object with the time and the source."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    state: ConsentState
    at: UtcDatetime | None = Field(default=None, description="when the person said so; without it, a yes ends no no")
    source: LimitedText | None = None
    by: SkipJsonSchema[str | None] = None  # the member who recorded it; Herald sets it

    @model_validator(mode="before")
    @classmethod
    def _expand(cls, value: Any) -> Any:
        if isinstance(value, Mapping) and "by" in value:
            raise PydanticCustomError("read_only", "Herald itself records who gave a consent")
        if isinstance(value, bool):
            return {"state": "granted" if value else "denied"}
        return {"state": value} if isinstance(value, str) else value


class Consent(BaseModel):
    """The statement about one channel that holds."""

    state: ConsentState
    at: datetime | None = None  # null: nobody knows
    source: str | None = None
    by: str | None = None  # the member who recorded it
    recorded_at: datetime | None = None  # when Herald learned of it


ConsentName = Annotated[
    str, Field(pattern=r"^[a-z]{1,20}(_[a-z][a-z0-9_]{0,29})?$", description="a channel, or a channel and a topic")
]
"""Such as `email`, and `email_newsletter`."""
MAX_CONSENTS = 100


class CustomerIdentity(BaseModel):
    """The identifiers by which the caller names a customer."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    external_id: ExternalId = None
    email: Email = None
    phone: Phone = None

    @property
    def identifier(self) -> tuple[str, str] | None:
        """What identifies the customer, with its kind: the `external_id`, else the e-mail, else the phone."""
        values = ((kind, getattr(self, kind)) for kind in ("external_id", "email", "phone"))
        return next(((kind, value) for kind, value in values if value), None)

    def id_with(self, hashes: AddressHasher) -> str:
        """The customer's id: a keyed hash of the identifier."""
        return hashes.customer_id(*self.identifier) if self.identifier else ""

    @property
    def address(self) -> Address | None:
        """What the customer has to be found by; None if there is an id."""
        if self.external_id:
            return None
        return next(iter(addresses_of({"email": self.email, "phone": self.phone})), None)

    @model_validator(mode="after")
    def _require_identifier(self) -> Self:
        if self.identifier is None:
            raise PydanticCustomError("missing", "Give an external_id, an email or a phone to identify the customer")
        return self


NAME_PARTS = ("first_name", "last_name")


class CustomerFields(BaseModel):
    """The other fields of a customer. A field that is not given stays unchanged; null clears it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: OptionalText = None
    first_name: OptionalText = None
    last_name: OptionalText = None
    city: OptionalText = None
    company: OptionalText = None
    timezone: TimeZoneName = None
    spend: Annotated[Money, _none_to(0)] = Decimal(0)
    visits: Annotated[Count, _none_to(0)] = 0
    orders: Annotated[Count, _none_to(0)] = 0
    active_days: Annotated[Count, _none_to(0)] = 0
    last_active_at: Annotated[UtcDatetime | None, BeforeValidator(blank_to_none)] = None
    first_order_at: Annotated[UtcDatetime | None, BeforeValidator(blank_to_none)] = None
    created_at: Annotated[
        PastTime | None,
        BeforeValidator(blank_to_none),
        Field(description="when the customer was first known, if that was before Herald; null says nothing"),
    ] = None
    tags: Annotated[
        list[Annotated[LimitedText, Field(min_length=1, max_length=100)]] | None,
        Field(max_length=100, description="null removes all of them"),
    ] = []
    attributes: Attributes | None = Field(default={}, description="null removes all of them")
    consent: Annotated[dict[ConsentName, ConsentInput], Field(max_length=MAX_CONSENTS), _none_to({})] = {}

    def provided_fields(self) -> dict[str, Any]:
        """The fields that the caller set, as they are stored. Consent is not included; `_apply_consent` handles it."""
        names = self.model_fields_set - {"consent"} - ({"created_at"} if self.created_at is None else set())
        values = {name: getattr(self, name) for name in names}
        return values | {name: int(values[name] * 100) for name in MONEY_FIELDS if name in values}


COMPUTED = frozenset(
    {"id", "average_order_value", "updated_at", "consents", "suppressed", "activities", "messages"}
    | {"suppressions", "merged_from"}
)
"""The fields of a customer's details that no caller writes."""

GIVEN_BY_HERALD = frozenset({"id", "average_order_value", "updated_at"})
"""By these fields an object is known as a customer that Herald gave."""


class CustomerInput(CustomerFields, CustomerIdentity):
    """One customer as the caller sends it, or as a list of customers gives it; what Herald itself writes is then not
    read, except whose the row is."""

    customer_id: Annotated[
        str | None,
        BeforeValidator(_own_id),
        Field(
            description="Herald's own id, as lists and exports have it: whose the row is, if there is such a customer "
            "with this external_id; another text says nothing"
        ),
    ] = None

    @model_validator(mode="before")
    @classmethod
    def _without_computed(cls, value: Any) -> Any:
        given = without_computed(value, known_by=GIVEN_BY_HERALD, computed=COMPUTED)
        is_given_by_herald = isinstance(value, Mapping) and value.keys() >= GIVEN_BY_HERALD
        return {**given, "customer_id": value["id"]} if is_given_by_herald else given

    def provided_fields(self) -> dict[str, Any]:
        """The fields that the caller set, as they are stored."""
        return {name: value for name, value in super().provided_fields().items() if name != "customer_id"}


MONEY_FIELDS = tuple(name for name in fields_of_kind("money") if name in CustomerInput.model_fields)


class CustomerPatch(CustomerFields):
    """A change to one customer. Null clears a field; in `attributes` it removes that attribute."""

    email: Email = None
    phone: Phone = None


TagMode = Literal["add", "replace", "remove"]
"""What happens to the tags that a customer has, when a row gives tags."""


@dataclass(frozen=True, kw_only=True, slots=True)
class TagChange:
    """How the tags of rows change those of customers."""

    mode: TagMode = "add"
    tag: str | None = None  # that every customer of the rows gets, such as the name of a campaign

    def apply(self, before: Sequence[str], given: Sequence[str] | None) -> list[str]:
        """The tags after a row with these tags; None for a row without any."""
        if given is None:
            tags = list(before)
        elif self.mode == "replace":
            tags = list(given)
        elif self.mode == "remove":
            removed = {tag.casefold() for tag in given}
            tags = [tag for tag in before if tag.casefold() not in removed]
        else:
            tags = [*before, *given]
        return list(dict.fromkeys([*tags, self.tag] if self.tag else tags))


ADD_TAGS = TagChange()


class CustomerReplacement(CustomerPatch):
    """A customer as `GET /api/customers/{customer_id}` gives it; what Herald itself writes is not read."""

    external_id: ExternalId = None

    @model_validator(mode="before")
    @classmethod
    def _without_computed(cls, value: Any) -> Any:
        is_object = isinstance(value, Mapping)
        return {name: one for name, one in value.items() if name not in COMPUTED} if is_object else value


def merge_row(
    customer_id: str,
    before: Mapping[str, Any] | None,
    row: CustomerInput,
    *,
    now: datetime,
    keep_identifiers: bool = False,
    tags: TagChange | None = None,
) -> dict[str, Any]:
    """Return the customer's document after this row. Maps are merged, and tags are added unless `tags` says otherwise;
    all other fields are replaced. Of two times at which the customer was first known, the earlier one stays. A row
    without an external id leaves that of the customer unchanged. With `keep_identifiers`, the identifiers that the
    customer has stay: the row names somebody who was merged into this customer, and who had others.
    """
    start = before or new_customer(customer_id, row, now=now)
    fields = row.provided_fields()
    if row.external_id is None:
        fields.pop("external_id", None)
    if keep_identifiers:
        fields |= {name: start[name] for name in CustomerIdentity.model_fields if name in fields and start[name]}
    if "created_at" in fields:
        fields["created_at"] = min(start["created_at"], fields["created_at"])
    if "attributes" in fields:
        fields["attributes"] = _merge_attributes(start["attributes"], fields["attributes"])
    change = tags or ADD_TAGS
    if fields.get("tags", ()) is None:
        fields["tags"] = change.apply([], None)
    elif "tags" in fields or change.tag:
        fields["tags"] = change.apply(start["tags"], fields.get("tags"))
    fields |= _full_name(start, fields)
    return with_changes(start, fields | _apply_consent(start, consent_statements(row.consent, now)), now=now)


def apply_patch(
    before: Mapping[str, Any], patch: CustomerPatch, *, now: datetime, by: str | None = None
) -> dict[str, Any]:
    """Return the customer's document after this change. Consent in it, without a time, is what the person says now."""
    fields = patch.provided_fields()
    if "tags" in fields:
        fields["tags"] = patch.tags or []
    if "attributes" in fields:
        fields["attributes"] = _merge_attributes(before["attributes"], fields["attributes"])
    fields |= _full_name(before, fields)
    statements = consent_statements(patch.consent, now, by=by)
    said_now = {name: replace(one, at=one.at or now) for name, one in statements.items()}
    return with_changes(before, fields | _apply_consent(before, said_now), now=now)


def apply_replacement(
    before: Mapping[str, Any], new: CustomerReplacement, *, now: datetime, by: str | None = None
) -> dict[str, Any]:
    """Return the customer's document with these fields instead. A field that is not given is cleared, except
    `created_at` and consents. A consent that is the same as before is no new statement."""
    values = {name: getattr(new, name) for name in type(new).model_fields if name != "consent"}
    if new.created_at is None:
        del values["created_at"]
    fields = values | {name: int(values[name] * 100) for name in MONEY_FIELDS}
    fields["tags"] = new.tags or []
    fields["attributes"] = _merge_attributes({}, new.attributes)
    fields |= _full_name(before, fields)
    flags = before.get("consent", {})
    said = {channel: one for channel, one in new.consent.items() if flags.get(channel) != (one.state == "granted")}
    statements = {name: replace(one, at=one.at or now) for name, one in consent_statements(said, now, by=by).items()}
    return with_changes(before, fields | _apply_consent(before, statements), now=now)


def _full_name(before: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, str]:
    """The name that these changes lead to, if they do not say it: the first and the last name, unless the customer has
    a name of another form."""
    after = {**before, **changes}
    whole = _joined_name(after)
    if not whole:
        return {}
    was_joined = "name" not in changes and before.get("name") == _joined_name(before)
    return {"name": whole} if was_joined or not after.get("name") else {}


def _joined_name(customer: Mapping[str, Any]) -> str | None:
    return " ".join(part for name in NAME_PARTS if (part := customer.get(name))) or None


def _merge_attributes(before: Mapping[str, Any], given: Mapping[str, Any] | None) -> dict[str, Any]:
    """Both together; null removes an attribute, or all of them."""
    merged = {} if given is None else {**before, **given}
    return {name: value for name, value in merged.items() if value is not None}


def consent_statements(
    given: Mapping[str, ConsentInput], now: datetime, by: str | None = None
) -> dict[str, ConsentStatement]:
    """What was said, by channel or topic, as it is stored."""
    return {
        channel: ConsentStatement(state=one.state, at=one.at, source=one.source, by=one.by or by, recorded_at=now)
        for channel, one in given.items()
    }


def _apply_consent(before: Mapping[str, Any], statements: Mapping[str, ConsentStatement]) -> dict[str, Any]:
    """Return the changed consent fields: of each channel, the statement that holds."""
    consents = dict(before.get("consents", {}))
    for channel, statement in statements.items():
        known = consents.get(channel)
        holding = stronger(ConsentStatement.from_document(known), statement) if known else statement
        consents[channel] = holding.to_document()
    return {"consents": consents, "consent": consent_flags(consents)}


def with_consent(before: Mapping[str, Any], said: Mapping[str, ConsentInput], *, now: datetime) -> dict[str, Any]:
    """Return the customer's document after these statements; the same version if they change nothing."""
    return with_changes(before, _apply_consent(before, consent_statements(said, now)), now=now)


def changed_identity(
    customer_id: str, before: Mapping[str, Any], after: Mapping[str, Any], hashes: AddressHasher
) -> FieldError | None:
    """The error if the address that identifies the customer would change: without an external id, it is the one with
    which the customer was created."""
    for kind in ADDRESS_KINDS:
        if after[kind] != before[kind] and hashes.customer_id(kind, before[kind] or "") == customer_id:
            return FieldError(field=kind, code="identity", message=IDENTITY_MESSAGE)
    return None


def new_customer(customer_id: str, identity: CustomerIdentity, *, now: datetime) -> dict[str, Any]:
    """Return the document of a new customer with only an identity. Its version is 0 until `with_changes` is called."""
    identifiers = {name: getattr(identity, name) for name in CustomerIdentity.model_fields}
    return {**_EMPTY, **identifiers, "created_at": now, "bucket": bucket_of(customer_id), "version": 0}


_EMPTY: Mapping[str, Any] = {
    name: field.get_default(call_default_factory=True)
    for name, field in CustomerInput.model_fields.items()
    if name != "customer_id"
} | {"consent": {}, "consents": {}, "suppressed": [], **dict.fromkeys(MONEY_FIELDS, 0)}


class Customer(BaseModel):
    """One customer as the API returns it."""

    id: str
    external_id: str | None
    email: str | None
    phone: str | None
    name: str | None
    first_name: str | None = None
    last_name: str | None = None
    city: str | None
    company: str | None = None
    timezone: str | None
    spend: float  # in the deployment's currency
    visits: int
    orders: int
    average_order_value: float | None  # spend per order; None without orders
    active_days: int
    last_active_at: datetime | None
    first_order_at: datetime | None = None
    created_at: datetime
    updated_at: datetime
    tags: list[str]
    attributes: dict[str, JsonValue]
    consent: dict[str, bool]
    consents: dict[str, Consent] = {}
    suppressed: list[str] = Field(
        default=[], description="the channels on which the customer's address is suppressed: no message is sent there"
    )

    @classmethod
    def from_document(cls, customer_id: str, stored: Mapping[str, Any]) -> Customer:
        """Convert a stored document. Money is converted from minor units."""
        per_order = average(stored["spend"], stored["orders"])
        computed = {
            "id": customer_id,
            **{name: to_major_units(stored[name]) for name in MONEY_FIELDS},
            "average_order_value": None if per_order is None else to_major_units(per_order),
        }
        return cls.model_validate({**stored, **computed})
