"""What is left of a customer when an import is undone: what the import changed is as it was before, unless something
newer changed it.

- A value, an attribute, a consent: put back if it is still what the import wrote.
- Tags: those that the import added go, those that it removed come back; all others stay.
- Consents: a yes of the import is taken back. A no stays: whoever wants no messages must not get some because a file
  was the wrong one.
- Orders and visits are taken out of the figures, so that those that were counted later stay.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
from .changes import ACTIVITY_TIMES, CustomerChange

Statements = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, kw_only=True, slots=True)
class PutBack:
    """A customer after the undo."""

    customer: dict[str, Any]
    keeps_newer: bool = False  # something that the import changed has a newer value


def is_unchanged_since(current: Mapping[str, Any], changes: Sequence[CustomerChange]) -> bool:
    """Whether nothing but the import wrote the customer, from its first change on."""
    written = [change for change in changes if change.version]
    follow = all(later.version_before == earlier.version for earlier, later in pairwise(written))
    return follow and bool(written) and current["version"] == written[-1].version


def put_back(current: Mapping[str, Any], changes: Sequence[CustomerChange], *, now: datetime) -> PutBack:
    """The customer without these changes, the last one first."""
    fields = dict(current)
    keeps_newer = False
    for change in reversed(changes):
        for name, written in change.after.items():
            fields[name], is_newer = _value_before(name, fields.get(name), change.before.get(name), written)
            keeps_newer = keeps_newer or is_newer
    fields["consent"] = consent_flags(fields.get("consents", {}))
    changed = {name: value for name, value in fields.items() if value != current.get(name)}
    return PutBack(customer=with_changes(current, changed, now=now), keeps_newer=keeps_newer)


def _value_before(name: str, current: Any, before: Any, written: Any) -> tuple[Any, bool]:
    """The value of a field without what was written, and whether a newer one stays."""
    if name == "consents":
        return without_yes(current or {}, before or {}, written)
    if name == "attributes":
        return _without_values(current or {}, before or {}, written)
    if name == "tags":
        return _without_tags(current or [], before or [], written), False
    return (before, False) if current == written else (current, current != before)


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


def without_yes(current: Statements, before: Mapping[str, Any], written: Statements) -> tuple[dict[str, Any], bool]:
    """The statements without those that the import wrote, but with every no; and whether some have a newer one."""
    changes = _not_denied(before, written)
    return _without_values(current, {channel: before.get(channel) for channel in changes}, changes)


def _without_values(
    current: Mapping[str, Any], before: Mapping[str, Any], written: Mapping[str, Any]
) -> tuple[dict[str, Any], bool]:
    """The map with the earlier values of those that were written, and whether some of them have a newer one."""
    values, keeps_newer = dict(current), False
    for name in [*written, *(name for name in before if name not in written)]:
        if written.get(name) == before.get(name):
            continue
        if values.get(name) != written.get(name):
            keeps_newer = keeps_newer or values.get(name) != before.get(name)
        elif before.get(name) is None:
            values.pop(name, None)
        else:
            values[name] = before[name]
    return values, keeps_newer


def _without_tags(current: Sequence[str], before: Sequence[str], written: Sequence[str]) -> list[str]:
    if current == written:
        return list(before)
    left = [tag for tag in current if tag in before or tag not in written]
    return [*left, *(tag for tag in before if tag not in written and tag not in left)]


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
