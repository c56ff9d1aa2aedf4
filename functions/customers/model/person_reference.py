"""How a caller names the people of a static segment: by an id, an e-mail or a phone number."""

from __future__ import annotations

import re
from contextlib import suppress
from functools import cached_property
from typing import Annotated, Self

from pydantic import AliasChoices, BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from common.phones import normalize_phone

from .customer import Email, ExternalId, LimitedText, Phone, normalize_email

MAYBE_PHONE = re.compile(r"(\(?\d[ ().-]*){10,15}")
"""Such a text is meant as a phone number if it is one, unless it is somebody's id."""

Name = tuple[str, str]
"""The kind (`customer_id`, `external_id`, `email` or `phone`) and the normalized value."""


class PersonReference(BaseModel):
    """One person. Other fields are ignored, so that a file or a list of customers can be sent as it is."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    person: Annotated[ExternalId, Field(description="an id, an e-mail or a phone number, told apart by its form")] = (
        None
    )
    customer_id: Annotated[
        LimitedText | None,
        BeforeValidator(lambda value: value or None),
        Field(validation_alias=AliasChoices("customer_id", "id")),
    ] = None
    external_id: ExternalId = None
    email: Email = None
    phone: Phone = None

    @model_validator(mode="after")
    def _require_one(self) -> Self:
        if not self.names:
            raise PydanticCustomError("missing", "Give a customer_id, an external_id, an email or a phone")
        return self

    @cached_property
    def names(self) -> tuple[Name, ...]:
        """The names of the person. The first one by which somebody is known counts."""
        if self.person:
            return _names_in(self.person)
        kinds = ("customer_id", "external_id", "email", "phone")
        return tuple((kind, value) for kind in kinds if (value := getattr(self, kind)))

    @property
    def lasting_name(self) -> Name:
        """By what somebody is found who does not exist yet. Nobody will get an id that Herald has given before."""
        if self.person:
            return self.names[-1]
        return next((name for name in self.names if name[0] != "customer_id"), self.names[0])


def names_of(email: str | None, phone: str | None) -> list[Name]:
    """The names that the addresses of a customer are."""
    return [(kind, value) for kind, value in (("email", email), ("phone", phone)) if value]


def _names_in(text: str) -> tuple[Name, ...]:
    """What the text may be. Raises `PydanticCustomError` for an address that is none."""
    if "@" in text:
        return (("email", normalize_email(text)),)
    if text.startswith("+"):
        return (("phone", normalize_phone(text)),)
    names: list[Name] = [("customer_id", text), ("external_id", text)]
    if MAYBE_PHONE.fullmatch(text):
        with suppress(PydanticCustomError):  # only an id
            names.append(("phone", normalize_phone(text)))
    return tuple(names)
