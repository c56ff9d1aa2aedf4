"""The fields of customers over HTTP: the site builds its lists of fields from them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from pydantic import BaseModel, Field

from common.catalogue.channels import CHANNELS, ChannelRecord
from common.catalogue.fields import FIELDS, FieldKind, FieldRecord, Language
from common.rules.operators_by_kind import OPERATORS
from common.web.auth import Viewer, guarded_router

router = guarded_router("/api/fields", tag="customers")

CONSENT_LABELS: dict[Language, str] = {"en": "Consent: {}", "hi": "सहमति: {}"}


class FieldOption(BaseModel):
    """A field of a customer, or the consent to one channel."""

    name: str
    label: str
    kind: FieldKind | Literal["flag"]
    operators: list[str] = Field(description="the `op` of the rules that can test it; empty if rules cannot")
    in_messages: bool = Field(description="whether a message can contain it, as `{{ name }}`")
    sortable: bool = Field(description="whether the list of customers can be sorted by it")
    in_imports: bool = Field(description="whether a column of a file can contain it")
    is_identifier: bool = Field(description="whether it identifies the customer in a file")
    headings: list[str] = Field(description="the headings of columns that contain it, besides its name")


class FieldList(BaseModel):
    """All fields, in the order in which lists show them."""

    items: list[FieldOption]


@router.get("", operation_id="list_fields")
async def list_fields(member: Viewer, language: Language = "en") -> FieldList:
    """All fields of customers, and where each can be used. The labels are in English or Hindi.

    `attributes` stands for the caller's own fields: rules, imports and messages use `attributes.NAME`.
    """
    return FieldList(items=list(_field_options(language)))


def _field_options(language: Language) -> Iterator[FieldOption]:
    for record in FIELDS.values():
        if record.name == "consent":
            yield from (_consent_option(channel, language) for channel in CHANNELS.values())
        else:
            yield _field_option(record, language)


def _field_option(record: FieldRecord, language: Language) -> FieldOption:
    """A field. The operators of a map are those of its entries."""
    return FieldOption(
        name=record.name,
        label=record.labels[language],
        kind=record.kind,
        operators=list(OPERATORS["any" if record.kind == "map" else record.kind]),
        in_messages=record.in_messages,
        sortable=record.sortable,
        in_imports=record.in_imports,
        is_identifier=record.is_identifier,
        headings=list(record.headings),
    )


def _consent_option(channel: ChannelRecord, language: Language) -> FieldOption:
    """The consent to one channel: an entry of the map `consent`."""
    return FieldOption(
        name=f"consent.{channel.name}",
        label=CONSENT_LABELS[language].format(channel.label),
        kind="flag",
        operators=list(OPERATORS["flag"]),
        in_messages=False,
        sortable=False,
        in_imports=True,
        is_identifier=False,
        headings=list(channel.consent_headings),
    )
