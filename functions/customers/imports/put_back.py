"""What is left of a customer when an import is undone: what the import changed is as it was before, unless something
newer changed it.

- A value, an attribute, a consent: put back if it is still what the import wrote, and nothing else gave the same since.
- Tags: those that the import added go, those that it removed come back, unless something else gave the same since; all
  others stay.
- What stays because of something newer waits: it is put back when that is undone as well.
- Consents: a yes of the import is taken back. A no stays: whoever wants no messages must not get some because a file
  was the wrong one.
- Orders and visits are taken out of the figures, so that those that were counted later stay.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, tzinfo
from itertools import pairwise
from typing import Any

from common.addresses.holders import consent_flags
from common.audience.customer_writes import with_changes
from common.clock import zone_or
from common.storage.documents import Snapshot

from ..model.active_days import remove_days
from ..model.activity import ORDER, REFUND, VISIT
from ..model.import_notes import is_given
from .changes import ACTIVITY_TIMES, CustomerChange

Statements = Mapping[str, Mapping[str, Any]]
Named = Collection[Mapping[str, int]]
"""The fields that others gave, with the version of the customer then."""


@dataclass(frozen=True, kw_only=True, slots=True)
class WaitingValue:
    """A value that was not put back, because something newer gives the same field. It waits in the notes of the
    customer (`model/import_notes.py`) until that is undone too."""

    field: str
    value: Any  # what the import wrote
    earlier: Any  # what comes back
    version: int  # of the customer, after the import wrote it


@dataclass(frozen=True, kw_only=True, slots=True)
class PutBack:
    """A customer after the undo."""

    customer: dict[str, Any]
    keeps_newer: bool = False  # something that the import changed has a newer value
    keeps_named: bool = False  # something newer gives a value that the import wrote
    moved: frozenset[str] = frozenset()  # the fields that are put back
    waiting: Sequence[WaitingValue] = ()

    @property
    def reason(self) -> str | None:
        """Why something of the import stays."""
        return "changed" if self.keeps_newer else "named" if self.keeps_named else None


def is_unchanged_since(current: Mapping[str, Any], changes: Sequence[CustomerChange]) -> bool:
    """Whether nothing but the import wrote the customer, from its first change on."""
    written = [change for change in changes if change.version]
    follow = all(later.version_before == earlier.version for earlier, later in pairwise(written))
    return follow and bool(written) and current["version"] == written[-1].version


def put_back(
    current: Mapping[str, Any], changes: Sequence[CustomerChange], *, named: Named = (), now: datetime
) -> PutBack:
    """The customer without these changes, the last one first. What something else gave since (`named`) stays."""
    fields = dict(current)
    moved: set[str] = set()
    waiting: list[WaitingValue] = []
    for change in reversed(changes):
        tags = list(change.before.get("tags") or ())
        for one in _values_in(change):
            stored = _value_of(fields, one.field)
            if stored == one.value and not _is_newer(named, one):
                _set_value(fields, one.field, one.earlier)
                moved.add(one.field)
            else:
                waiting.append(one)
        if "tags" in change.after and sorted(fields["tags"]) == sorted(tags):
            fields["tags"] = tags
    return PutBack(customer=_with_fields(current, fields, now), moved=frozenset(moved), waiting=waiting)


def release(
    undone: PutBack, waiting: Sequence[WaitingValue], given: Mapping[str, int], *, named: Named = (), now: datetime
) -> PutBack:
    """The customer with the values that waited for this import to be undone, which gave the fields `given`."""
    fields = dict(undone.customer)
    moved = set(undone.moved)
    left = sorted([*waiting, *undone.waiting], key=lambda one: one.version)
    while ready := [one for one in left if _is_ready(fields, one, given, moved) and not _is_newer(named, one)]:
        last = ready[-1]
        _set_value(fields, last.field, last.earlier)
        moved.add(last.field)
        left.remove(last)
    own = [(one, _value_of(fields, one.field)) for one in left if one in undone.waiting]
    return replace(
        undone,
        customer=_with_fields(undone.customer, fields, now),
        keeps_newer=any(stored not in (one.value, one.earlier) for one, stored in own),
        keeps_named=any(stored == one.value for one, stored in own),
        moved=frozenset(moved),
        waiting=left,
    )


def _is_ready(fields: Mapping[str, Any], one: WaitingValue, given: Mapping[str, int], moved: Collection[str]) -> bool:
    is_released = one.field in moved or is_given([given], one.field, 0)
    return is_released and _value_of(fields, one.field) == one.value


def _is_newer(named: Named, one: WaitingValue) -> bool:
    """Whether something else gave the field since. A yes never stays where somebody had said no before."""
    if one.field.startswith("consents.") and one.earlier and one.earlier["state"] == "denied":
        return False
    return is_given(named, one.field, one.version)


def _with_fields(current: Mapping[str, Any], fields: dict[str, Any], now: datetime) -> dict[str, Any]:
    """The customer with these fields, as a new version if any is different."""
    fields["consent"] = consent_flags(fields.get("consents", {}))
    changed = {name: value for name, value in fields.items() if value != current.get(name)}
    return with_changes(current, changed, now=now)


def _values_in(change: CustomerChange) -> Iterator[WaitingValue]:
    """What a change wrote, one value for each field, attribute, consent and tag."""
    for name, written in change.after.items():
        before = change.before.get(name)
        if name == "tags":
            pairs = _tag_pairs(before or (), written)
        elif name in {"attributes", "consents"}:
            pairs = _map_pairs(name, before or {}, written)
        else:
            pairs = iter([(name, before, written)])
        for field, earlier, value in pairs:
            yield WaitingValue(field=field, value=value, earlier=earlier, version=change.version)


def _map_pairs(name: str, before: Mapping[str, Any], written: Mapping[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    """The entries that were written; of consents, without any no."""
    changes: Mapping[str, Any] = _not_denied(before, written) if name == "consents" else written
    gone = () if name == "consents" else [key for key in before if key not in written]
    for key in (*changes, *gone):
        if written.get(key) != before.get(key):
            yield f"{name}.{key}", before.get(key), written.get(key)


def _tag_pairs(before: Sequence[str], written: Sequence[str]) -> Iterator[tuple[str, Any, Any]]:
    """The tags that were added and removed; a tag is its own value."""
    yield from ((f"tags.{tag}", None, tag) for tag in written if tag not in before)
    yield from ((f"tags.{tag}", tag, None) for tag in before if tag not in written)


def _value_of(customer: Mapping[str, Any], field: str) -> Any:
    group, dot, name = field.partition(".")
    if not dot:
        return customer.get(field)
    values = customer.get(group) or {}
    return (name if name in values else None) if group == "tags" else values.get(name)


def _set_value(fields: dict[str, Any], field: str, value: Any) -> None:
    """Set a value of `_value_of`; None removes it."""
    group, dot, name = field.partition(".")
    if not dot:
        fields[field] = value
    elif group == "tags":
        others = [tag for tag in fields.get("tags") or () if tag != name]
        fields["tags"] = [*others, *([] if value is None else [name])]
    else:
        values = {**(fields.get(group) or {}), name: value}
        fields[group] = {key: one for key, one in values.items() if key != name or one is not None}


def consents_only(change: CustomerChange) -> CustomerChange:
    """What it says of consents. Nothing else of somebody whom the import created, and who is kept, is put back: there
    was nothing before, and what a later row wrote belongs to the person as much as the first one."""
    before, after = (
        {name: value for name, value in fields.items() if name == "consents"}
        for fields in (change.before, change.after)
    )
    return replace(change, before=before, after=after)


def denied_channels(changes: Sequence[CustomerChange]) -> set[str]:
    """The channels on which the person says no since the import."""
    return {
        channel
        for change in changes
        for channel, statement in change.after.get("consents", {}).items()
        if statement["state"] == "denied" and change.before.get("consents", {}).get(channel) != statement
    }


def has_yes(before: Mapping[str, Any], written: Statements) -> bool:
    """Whether something else than a no was written."""
    return bool(_not_denied(before, written))


def _not_denied(before: Mapping[str, Any], written: Statements) -> dict[str, Any]:
    return {
        channel: statement
        for channel, statement in written.items()
        if statement != before.get(channel) and statement["state"] != "denied"
    }


def without_yes(current: Statements, before: Mapping[str, Any], written: Statements) -> dict[str, Any]:
    """The statements without those that the import wrote, but with every no."""
    fields: dict[str, Any] = {"consents": dict(current)}
    for field, earlier, value in _map_pairs("consents", before, written):
        if _value_of(fields, field) == value:
            _set_value(fields, field, earlier)
    left: dict[str, Any] = fields["consents"]
    return left


def take_out(
    current: Mapping[str, Any],
    changes: Sequence[CustomerChange],
    own: Sequence[Snapshot],
    others: Sequence[Snapshot],
    *,
    zone: tzinfo,
    now: datetime,
) -> PutBack:
    """The customer without the activities `own`, which the import counted; `others` are all that are left.

    The sums lose what these activities added. Days and times are those of before the import and of the other
    activities, unless something newer set them.
    """
    orders = sum(one["type"] == ORDER for one in own)
    spend = sum(one.get("amount", 0) * (-1 if one["type"] == REFUND else 1) for one in own)
    figures: dict[str, Any] = {
        "spend": current["spend"] - spend,
        "orders": max(current["orders"] - orders, 0),
        "visits": max(current["visits"] - sum(one["type"] == VISIT for one in own), 0),
    }
    first, last = _first_and_last(changes)
    active = [one for one in others if one["type"] != REFUND]
    if "last_active_at" in last and current.get("last_active_at") == last["last_active_at"]:
        figures["last_active_at"] = max(_times(first["last_active_at"], active), default=None)
    if "first_order_at" in last and current.get("first_order_at") == last["first_order_at"]:
        bought = [one for one in others if one["type"] == ORDER]
        figures["first_order_at"] = min(_times(first["first_order_at"], bought), default=None)
    if "days" in last:
        kept = {_local_day(one, current, zone) for one in active}
        days, gone = remove_days(current.get("days", b""), last["days"], first["days"] or b"", keep=kept)
        figures |= {"days": days, "active_days": max(current["active_days"] - gone, 0)}
    return PutBack(customer=with_changes(current, figures, now=now))


def _first_and_last(changes: Sequence[CustomerChange]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The days and times before the first and after the last of these changes, of those that they changed."""
    first: dict[str, Any] = {}
    last: dict[str, Any] = {}
    for change in changes:
        for name in ACTIVITY_TIMES:
            if name in change.after:
                first.setdefault(name, change.before.get(name))
                last[name] = change.after[name]
    return first, last


def _local_day(activity: Snapshot, customer: Mapping[str, Any], zone: tzinfo) -> date:
    day: date = activity["at"].astimezone(zone_or(zone, customer.get("timezone"))).date()
    return day


def _times(stored: datetime | None, activities: Sequence[Snapshot]) -> list[datetime]:
    return [*([stored] if stored else []), *(activity["at"] for activity in activities)]
