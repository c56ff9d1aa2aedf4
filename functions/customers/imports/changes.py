"""What the commits of an import change: it is kept for a day, so that the import can be undone.

    import_changes/{random id}   import       the import's id
                                 changes      compressed JSON: what one commit changed, by customer and by address
                                 expires_at   until when it is kept

It is written in the commit that makes the change: what is changed can be undone, whenever the process dies. Of a
customer, only the fields that change are kept, as they were and as they became. Of one that is created, only the
consents are kept, because the record itself has all the rest. Somebody whom rows name without a change is kept without
fields, if this import is noted with the customer (`model/import_notes.py`): an undo takes that back.
"""

from __future__ import annotations

import base64
import gzip
import json
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from common.ids import random_id
from common.storage.documents import Create, Documents, Put, Query, Snapshot, Update, Where, Write, pages
from common.storage.optimistic_commit import StagedWrites, commit_with_retry

RETENTION = timedelta(days=2)
"""An undo that was started in time ends some minutes later, or after a failure is repaired."""
MAX_BYTES = 900_000
DOCUMENTS_PER_PAGE = 20
COMPUTED = frozenset({"updated_at", "version", "consent", "suppressed", "import_notes"})
"""Fields that follow from the others, or from what is known about the addresses."""
ACTIVITY_TIMES = ("days", "last_active_at", "first_order_at")
"""Figures that cannot be taken out of a customer without those of before."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CustomerChange:
    """How one commit of an import changed one customer."""

    customer: str
    version: int  # after it; 0: rows named it and changed nothing, or activities were counted that change no figure
    version_before: int  # 0: it was created
    before: Mapping[str, Any] = field(default_factory=dict)  # the fields that it changed; None: there was none
    after: Mapping[str, Any] = field(default_factory=dict)
    activities: Sequence[str] = ()  # the ids of those that it counted


@dataclass(frozen=True, kw_only=True, slots=True)
class AddressChange:
    """How one commit of an import changed what is said about an address, by channel."""

    address: str  # its keyed hash
    before: Mapping[str, Any]
    after: Mapping[str, Any]


Change = CustomerChange | AddressChange


def record_changes(import_id: str, staged: StagedWrites, *, now: datetime) -> StagedWrites:
    """The same commits; each also keeps what it changes."""
    groups = [
        [*group, *change_writes(import_id, list(_changes_in(group, staged.before)), now)]
        for group in (*staged.earlier, staged.last)
    ]
    return replace(staged, earlier=groups[:-1], last=groups[-1])


def _changes_in(writes: Sequence[Write], before: Mapping[str, Snapshot]) -> Iterator[Change]:
    """What these writes change, one entry for each customer and address."""
    activities: defaultdict[str, list[str]] = defaultdict(list)
    for write in writes:
        if isinstance(write, Create) and write.path.startswith("activities/"):
            activities[write.data["customer"]].append(write.path.partition("/")[2])
    for write in writes:
        collection, _, id_ = write.path.partition("/")
        if collection == "customers" and isinstance(write, Update) and "version" not in write.data:
            yield CustomerChange(customer=id_, version=0, version_before=0, activities=activities.pop(id_, ()))
        elif collection == "customers" and isinstance(write, Create | Update):
            yield _customer_change(write, before.get(write.path), activities.pop(id_, ()))
        elif collection == "addresses" and isinstance(write, Create | Update):
            said = dict(_statements_in(write.data))
            known = before[write.path].get("consents", {})
            yield AddressChange(address=id_, before={name: known.get(name) for name in said}, after=said)
    for customer, counted in activities.items():
        yield CustomerChange(customer=customer, version=0, version_before=0, activities=counted)


def _customer_change(write: Create | Update, stored: Snapshot | None, activities: Sequence[str]) -> CustomerChange:
    """How a write changes its customer; of one that it creates, what is needed if somebody newer keeps the record."""
    id_, version = write.path.partition("/")[2], write.data["version"]
    if isinstance(write, Create):
        kept = ("consents", *(ACTIVITY_TIMES if activities else ()))
        after = {name: write.data[name] for name in kept if write.data.get(name)}
        return CustomerChange(customer=id_, version=version, version_before=0, after=after, activities=activities)
    known = (stored.data if stored else None) or {}
    after = {name: value for name, value in write.data.items() if name not in COMPUTED}
    before = {name: known.get(name) for name in after}
    return CustomerChange(
        customer=id_,
        version=version,
        version_before=known["version"],
        before=before,
        after=after,
        activities=activities,
    )


def _statements_in(data: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """The statements of a write of an address, by channel: in one map, or under paths."""
    yield from data.get("consents", {}).items()
    for name, value in data.items():
        if name.startswith("consents."):
            yield name.partition(".")[2], value


def change_writes(import_id: str, changes: Sequence[Change], now: datetime) -> Iterator[Put]:
    """The documents that keep these changes; none without changes."""
    if not changes:
        return
    packed = _pack(changes)
    if len(packed) > MAX_BYTES and len(changes) > 1:
        half = len(changes) // 2
        yield from change_writes(import_id, changes[:half], now)
        yield from change_writes(import_id, changes[half:], now)
        return
    data = {"import": import_id, "changes": packed, "expires_at": now + RETENTION}
    yield Put(f"import_changes/{random_id()}", data)


async def read_changes(
    documents: Documents, import_id: str, *, is_wanted: Callable[[Change], bool] = lambda _: True
) -> tuple[dict[str, list[CustomerChange]], dict[str, list[AddressChange]]]:
    """What an import changed, by customer and by address, as far as it is wanted: all of it may take much memory. The
    changes of a customer are in the order of their commits."""
    customers: defaultdict[str, list[CustomerChange]] = defaultdict(list)
    addresses: defaultdict[str, list[AddressChange]] = defaultdict(list)
    kept = Query(collection="import_changes", where=[Where("import", "==", import_id)])
    async for page in pages(documents, kept, DOCUMENTS_PER_PAGE):
        for stored in page:
            for change in filter(is_wanted, _unpack(stored["changes"])):
                if isinstance(change, CustomerChange):
                    customers[change.customer].append(change)
                else:
                    addresses[change.address].append(change)
    in_order = {id_: sorted(changes, key=lambda change: change.version) for id_, changes in customers.items()}
    return in_order, dict(addresses)


async def redact_changes(documents: Documents, customer_ids: Collection[str]) -> None:
    """Remove a customer, who may have several ids, from what is kept. An unknown id is left, which is counted."""
    nobody = random_id()
    async for page in pages(documents, Query(collection="import_changes"), DOCUMENTS_PER_PAGE):
        for stored in page:
            if _redaction_writes(stored, customer_ids, nobody):
                build = partial(_build_redaction, documents, stored.path, customer_ids, nobody)
                await commit_with_retry(documents, build)


async def _build_redaction(
    documents: Documents, path: str, customer_ids: Collection[str], nobody: str, attempt: int
) -> tuple[None, list[Write]]:
    """Over the version that is read: another erasure at the same time may redact the same document."""
    return None, _redaction_writes(await documents.get(path), customer_ids, nobody)


def _redaction_writes(stored: Snapshot, customer_ids: Collection[str], nobody: str) -> list[Write]:
    """The write that removes the customer; none if nothing is kept of them, or the document has expired."""
    changes = list(_unpack(stored["changes"])) if stored.exists else []
    left = [_without(change, customer_ids, nobody) for change in changes]
    return [Update(stored.path, {"changes": _pack(left)}, stored.version)] if left != changes else []


def _without(change: Change, customer_ids: Collection[str], nobody: str) -> Change:
    if isinstance(change, CustomerChange) and change.customer in customer_ids:
        return CustomerChange(customer=nobody, version=change.version, version_before=change.version_before)
    return change


def _pack(changes: Sequence[Change]) -> bytes:
    lines = [_to_json(asdict(change)) for change in changes]
    return gzip.compress(json.dumps(lines).encode(), compresslevel=3, mtime=0)


def _unpack(packed: bytes) -> Iterator[Change]:
    for line in json.loads(gzip.decompress(packed)):
        change = _from_json(line)
        yield CustomerChange(**change) if "customer" in change else AddressChange(**change)


def _to_json(value: Any) -> Any:
    """The value with a mark at each list, time and sequence of bytes, which JSON would not tell apart."""
    if isinstance(value, Mapping):
        return {name: _to_json(one) for name, one in value.items()}
    if isinstance(value, datetime):
        return ["time", value.isoformat()]
    if isinstance(value, bytes):
        return ["bytes", base64.b64encode(value).decode()]
    return ["list", *map(_to_json, value)] if isinstance(value, list | tuple) else value


def _from_json(value: Any) -> Any:
    """The value of `_to_json`."""
    if isinstance(value, dict):
        return {name: _from_json(one) for name, one in value.items()}
    if not isinstance(value, list):
        return value
    kind, *content = value
    if kind == "list":
        return [_from_json(one) for one in content]
    return datetime.fromisoformat(content[0]) if kind == "time" else base64.b64decode(content[0])
