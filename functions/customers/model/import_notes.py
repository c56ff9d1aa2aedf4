"""`import_notes` of a customer: what the undo of an import has to know of those who wrote or named the customer too.

    until     until when the notes count: as long as an import that wrote the customer can be undone
    first     the import that wrote the customer first
    version   only of somebody whom an import created: the customer's version, as long as nothing but imports and their
              undos wrote the customer
    named     by the id of an import, or `OTHERS`: the fields that its rows gave, each with the customer's version then
    waiting   values that were not put back, because something newer gave the same field
    orphaned  true if the import that created the customer is undone, and something newer keeps the customer

A row that gives what is stored already changes nothing, and yet is newer: of a corrected file most rows are as they
were in the wrong one. It writes the notes alone, which is no new version of the customer, and only as long as they
count. `attributes.size` and `tags.vip` are fields of their own here; `attributes` and `tags` are all of them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from .customer import NAME_PARTS, CustomerFields, CustomerInput, CustomerPatch, TagChange

UNDO_PERIOD = timedelta(days=1)
OTHERS = "others"
"""Whoever names customers and is never undone: requests, and further imports if there are very many."""
MAX_IMPORTS = 4
"""By which a customer is named. Those after them count as never undone, so that a file that is sent every hour does not
write every customer each time."""
Notes = Mapping[str, Any]


def current_notes(customer: Mapping[str, Any] | None, now: datetime) -> Notes | None:
    """The notes that count; None if no import wrote the customer lately."""
    if customer is None:
        return None
    notes: Notes | None = customer.get("import_notes") or _earlier_notes(customer)
    return notes if notes and notes["until"] > now else None


def _earlier_notes(customer: Mapping[str, Any]) -> Notes | None:
    """Those of a customer whom an import of an earlier version of Herald created."""
    if not customer.get("imported_by"):
        return None
    written_at = datetime.fromtimestamp(customer["version"] / 1_000_000, UTC)
    return {"until": written_at + UNDO_PERIOD, "first": customer["imported_by"]}


def note_row(
    customer: Mapping[str, Any] | None, *, by: str | None, version: int | None, fields: Collection[str], now: datetime
) -> Notes | None:
    """The notes of a customer after a row; None if it changes none.

    `by` is the import of the row, or None for a request; `version` is that of the customer after it, or None if the
    row changes nothing.
    """
    notes = current_notes(customer, now)
    if notes is None or customer is None:
        opens = by is not None and version is not None
        created = {} if customer else {"version": version}
        return {"until": now + UNDO_PERIOD, "first": by, **created} if opens else None
    named = _named(notes, by, version or customer["version"], fields)
    after = {**notes, "named": named} if named != notes.get("named", {}) else dict(notes)
    if by is not None and (version is not None or named.get(by) != notes.get("named", {}).get(by)):
        after["until"] = now + UNDO_PERIOD
    if by is not None and version is not None and notes.get("version") == customer["version"]:
        after["version"] = version
    return after if after != notes else None


def _named(notes: Notes, by: str | None, version: int, fields: Collection[str]) -> Mapping[str, Mapping[str, int]]:
    """`named` with these fields; as it is, while only one import wrote the customer."""
    named: Mapping[str, Mapping[str, int]] = notes.get("named", {})
    is_known = by in named or len(named.keys() - {OTHERS}) < MAX_IMPORTS
    name = by if by is not None and is_known else OTHERS
    if not fields or (name == notes["first"] and not named):
        return named
    return {**named, name: {**named.get(name, {}), **dict.fromkeys(fields, version)}}


def follow(customer: Mapping[str, Any], notes: Notes, version: int) -> Notes:
    """The notes after a write of an import or an undo, if nothing else wrote the customer before."""
    is_unbroken = customer.get("import_notes", {}).get("version") == customer["version"]
    return {**notes, "version": version} if is_unbroken else notes


def named_by_others(notes: Notes, import_id: str) -> dict[str, Mapping[str, int]]:
    """What everything else than this import gave, by its name."""
    return {name: fields for name, fields in notes.get("named", {}).items() if name != import_id}


def is_given(named: Iterable[Mapping[str, int]], field: str, since: int) -> bool:
    """Whether one of these gave the field, at this version of the customer or a later one."""
    group, dot, name = field.partition(".")
    own = f"tags.{name.casefold()}" if dot and group == "tags" else field
    return any(max(fields.get(own, -1), fields.get(group, -1)) >= since for fields in named)


def given_fields(row: CustomerInput, tags: TagChange) -> set[str]:
    """The fields that a row gives."""
    given = _plain_and_attributes(row) | {f"consents.{channel}" for channel in row.consent}
    if "tags" in row.model_fields_set and (row.tags is None or tags.mode == "replace"):
        given.add("tags")
    named_tags = [*(row.tags or ()), *([tags.tag] if tags.tag else [])]
    return given | {f"tags.{tag.casefold()}" for tag in named_tags}


def given_in_patch(patch: CustomerPatch) -> set[str]:
    """The fields that a patch gives, without the tags: it has all of them, also those that nobody touched."""
    return _plain_and_attributes(patch)


def _plain_and_attributes(row: CustomerFields) -> set[str]:
    fields = row.model_fields_set - {"consent", "attributes", "tags", "customer_id"}
    if fields & set(NAME_PARTS):
        fields = fields | {"name"}
    if "attributes" not in row.model_fields_set:
        return fields
    return fields | ({"attributes"} if row.attributes is None else {f"attributes.{name}" for name in row.attributes})
