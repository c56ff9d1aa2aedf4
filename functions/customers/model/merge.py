"""The customer that two records of one person become.

Figures are sums, because each activity is counted for one record. A day on which both were active is one day. Of the
statements about a channel the stronger one holds. In all other fields the kept record wins, and the other one fills
what is empty, except the parts of another name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from common.addresses.consent import ConsentStatement, strongest
from common.addresses.holders import consent_flags
from common.audience.customer_writes import with_changes
from common.catalogue.fields import fields_of_kind

from .active_days import union_days
from .customer import MONEY_FIELDS, NAME_PARTS, CustomerInput

Record = Mapping[str, Any]
FILLED_FIELDS = tuple(name for name in fields_of_kind("text") if name in CustomerInput.model_fields)
SUMMED_FIELDS = tuple(
    name
    for name in (*MONEY_FIELDS, *fields_of_kind("whole"))
    if name in CustomerInput.model_fields and name != "active_days"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class FieldConflict:
    """A field that both records have, with different values."""

    field: str  # `name`, or `attributes.size`
    kept: Any
    dropped: Any


def combine(
    kept: Record, other: Record, *, statements: Mapping[str, ConsentStatement], merged_from: list[str], now: datetime
) -> dict[str, Any]:
    """The document of the kept customer. `statements` by channel are what else is known that the person said."""
    return with_changes(
        kept,
        {
            **_filled(kept, other),
            **{name: kept[name] + other[name] for name in SUMMED_FIELDS},
            **_active_days(kept, other),
            "last_active_at": max(_known(kept, other, "last_active_at"), default=None),
            "first_order_at": min(_known(kept, other, "first_order_at"), default=None),
            "created_at": min(kept["created_at"], other["created_at"]),
            "tags": list(dict.fromkeys([*kept["tags"], *other["tags"]])),
            "attributes": {**other["attributes"], **_not_empty(kept["attributes"])},
            **_consents(kept, other, statements),
            "merged_from": merged_from,
        },
        now=now,
    )


def _filled(kept: Record, other: Record) -> dict[str, Any]:
    """The texts of the kept record, and those that only the other one has. The parts of another name are none of them:
    messages greet people by the first name."""
    names = [(record.get("name") or "").casefold() for record in (kept, other)]
    own = NAME_PARTS if names[0] and names[0] != names[1] else ()
    return {name: kept.get(name) or (None if name in own else other.get(name)) for name in FILLED_FIELDS}


def conflicts(kept: Record, other: Record) -> Iterator[FieldConflict]:
    """The values of the other record that are lost, because the kept one has others."""
    for name in FILLED_FIELDS:
        if kept.get(name) and other.get(name) and kept[name] != other[name]:
            yield FieldConflict(field=name, kept=kept[name], dropped=other[name])
    attributes = _not_empty(kept["attributes"])
    for name, value in _not_empty(other["attributes"]).items():
        if name in attributes and attributes[name] != value:
            yield FieldConflict(field=f"attributes.{name}", kept=attributes[name], dropped=value)


def _active_days(kept: Record, other: Record) -> dict[str, Any]:
    """The number may be larger than the set, because it can be imported."""
    days, in_both = union_days(kept.get("days", b""), other.get("days", b""))
    numbers = kept["active_days"], other["active_days"]
    return {"active_days": max(*numbers, sum(numbers) - in_both), **({"days": days} if days else {})}


def _known(kept: Record, other: Record, name: str) -> list[datetime]:
    return [record[name] for record in (kept, other) if record.get(name)]


def _not_empty(attributes: Record) -> dict[str, Any]:
    return {name: value for name, value in attributes.items() if value not in (None, "")}


def _consents(kept: Record, other: Record, statements: Mapping[str, ConsentStatement]) -> dict[str, Any]:
    consents: dict[str, Any] = {}
    records = [kept.get("consents", {}), other.get("consents", {})]
    for channel in dict.fromkeys([*records[0], *records[1], *statements]):
        said = [ConsentStatement.from_document(one[channel]) for one in records if channel in one]
        said += [statements[channel]] if channel in statements else []
        consents[channel] = strongest(said).to_document()
    return {"consents": consents, "consent": consent_flags(consents)}
