"""Entries of the audit log move into the access database: each once, whatever happens on the way."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from campaigns.composition import CampaignsSettings
from campaigns.composition import compose as compose_campaigns
from common.audit import audit_entry, audit_path, commit_entry, log_path
from common.errors import Exists, Unavailable
from common.storage.documents import Create, Put, Snapshot, Write
from common.storage.memory import MemoryDocuments, MemoryPublisher
from members.audit_outbox import MARK_RETENTION, MAX_ENTRIES, AuditOutbox
from tests.component.test_api_members import MembersApiFixture
from tests.crash_points import CrashingDocuments, CrashPlan, CrashTime, ProcessLife, SimulatedCrash
from tests.support import SETTINGS, FakeModel, ResponseLosingStore, identity_from_token

FIRST = datetime(2026, 1, 1, tzinfo=UTC)
NOW = FIRST + timedelta(days=30)
SECONDS = 60.0


class OutboxFixture:
    """The two databases, and entries in the first one, one a minute."""

    def __init__(self) -> None:
        self.documents, self.access = ResponseLosingStore(), ResponseLosingStore()

    async def add(self, number: int) -> list[Create]:
        entries = [entry_at(minute) for minute in range(number)]
        for entry in entries:
            await self.documents.commit([entry])
        return entries

    def outbox(self, plan: CrashPlan | None = None, monotonic: Callable[[], float] = lambda: 0.0) -> AuditOutbox:
        """That of a new process."""
        life = ProcessLife(plan)
        documents, access = CrashingDocuments(self.documents, life), CrashingDocuments(self.access, life)
        return AuditOutbox(documents, access, clock=lambda: NOW, monotonic=monotonic)

    def waiting(self) -> list[Snapshot]:
        return [one for one in self.documents.stored("audit_outbox") if "at" in (one.data or {})]

    def logged(self) -> dict[str, Any]:
        return {entry.path: entry.data for entry in self.access.stored("audit")}


def entry_at(minute: int) -> Create:
    return audit_entry("launch", by="a@example.com", at=FIRST + timedelta(minutes=minute), subject={"campaign": "c"})


async def test_entries_are_moved_as_they_are() -> None:
    """Under the same ids; in the outbox a mark stays for a day, which says nothing."""
    fixture = OutboxFixture()
    entries = await fixture.add(3)
    await fixture.outbox().move(seconds=SECONDS)
    assert fixture.logged() == {log_path(entry.path): entry.data for entry in entries}
    assert {one.path: one.data for one in fixture.documents.stored("audit_outbox")} == {
        entry.path: {"expires_at": NOW + MARK_RETENTION} for entry in entries
    }


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize(
    ("step", "nth"), [("read", 1), ("write audit", 1), ("write audit", 2), ("write audit_outbox", 1)]
)
async def test_crash_at_any_step_loses_and_doubles_nothing(step: str, nth: int, when: CrashTime) -> None:
    """The next move, of another process, does the rest; more entries than fit into one commit."""
    fixture = OutboxFixture()
    entries = await fixture.add(MAX_ENTRIES + 5)
    plan = CrashPlan(step=step, when=when, nth=nth)
    with pytest.raises(SimulatedCrash):
        await fixture.outbox(plan).move(seconds=SECONDS)
    known = {one.path: one.data for one in fixture.waiting()} | fixture.logged()
    assert {log_path(path) for path in known} == {log_path(entry.path) for entry in entries}  # none is lost
    await fixture.outbox().move(seconds=SECONDS)
    assert fixture.logged() == {log_path(entry.path): entry.data for entry in entries}
    assert fixture.waiting() == []


async def test_lost_answers_double_nothing() -> None:
    """The client sends both commits again."""
    fixture = OutboxFixture()
    entries = await fixture.add(3)
    fixture.documents.lost = fixture.access.lost = 1
    await fixture.outbox().move(seconds=SECONDS)
    assert fixture.logged() == {log_path(entry.path): entry.data for entry in entries}
    assert fixture.waiting() == []


async def test_two_moves_at_once_move_each_entry_once() -> None:
    """A tick, and somebody who reads the log, while entries are added."""
    fixture = OutboxFixture()
    await fixture.add(MAX_ENTRIES)
    moves = [asyncio.create_task(fixture.outbox().move(seconds=SECONDS)) for _ in range(3)]
    entries = await fixture.add(50)
    await asyncio.gather(*moves)
    await fixture.outbox().move(seconds=SECONDS)
    assert len(fixture.logged()) == MAX_ENTRIES + 50
    assert {log_path(entry.path) for entry in entries} <= fixture.logged().keys()


async def test_entry_in_the_log_is_not_changed_through_the_outbox() -> None:
    """Another function can write another entry with the same id; the first one stays."""
    fixture = OutboxFixture()
    [entry] = await fixture.add(1)
    await fixture.outbox().move(seconds=SECONDS)
    await fixture.documents.commit([Put(entry.path, {**entry.data, "by": "somebody else"})])
    await fixture.outbox().move(seconds=SECONDS)
    assert fixture.logged() == {log_path(entry.path): entry.data}
    assert fixture.waiting() == []


async def test_move_ends_when_its_time_is_over() -> None:
    """One commit of entries is moved in any case; the next move goes on."""
    fixture = OutboxFixture()
    entries = await fixture.add(2 * MAX_ENTRIES + 1)
    times = iter([0.0, SECONDS + 1])
    await fixture.outbox(monotonic=lambda: next(times)).move(seconds=SECONDS)
    oldest = {log_path(entry.path) for entry in entries[:MAX_ENTRIES]}
    assert fixture.logged().keys() == oldest


async def test_commit_that_is_sent_again_after_the_move_is_still_known() -> None:
    """Its entry cannot be created again, so that what it did happens once."""
    fixture = OutboxFixture()
    [entry] = await fixture.add(1)
    await fixture.outbox().move(seconds=SECONDS)
    with pytest.raises(Exists):
        await fixture.documents.commit([Create("names/x", {}), entry])
    await commit_entry(fixture.documents, entry)  # an entry alone is written over the mark, and is known in the log
    await fixture.outbox().move(seconds=SECONDS)
    assert fixture.logged() == {log_path(entry.path): entry.data}


class MovingStore(ResponseLosingStore):
    """Moves the entries between a commit whose answer is lost and its repetition."""

    access = MemoryDocuments()
    before_repetition = False

    async def commit(self, writes: Sequence[Write]) -> None:
        if self.lost and any(write.path.startswith("campaigns/") for write in writes):
            self.lost = 0
            await super().commit(writes)
            await AuditOutbox(self, self.access, clock=lambda: NOW).move(seconds=SECONDS)
            await super().commit([Put("campaigns/c", {**CAMPAIGN, "state": "running"})])  # and somebody resumes
        await super().commit(writes)


CAMPAIGN = {"state": "running", "channel": "email", "vendor": "simulator", "open": True, "launched_at": FIRST}


async def test_action_whose_answer_was_lost_is_done_once_although_its_entry_has_moved() -> None:
    """A pause that has happened is not done again, even when somebody has resumed the campaign meanwhile."""
    documents = MovingStore()
    function = compose_campaigns(
        documents=documents,
        publisher=MemoryPublisher(),
        open_access=MemoryDocuments,
        create_model=FakeModel,
        verify_id_token=identity_from_token,
        settings=CampaignsSettings(SETTINGS),
    )
    await documents.commit([Create("campaigns/c", CAMPAIGN)])
    documents.lost = 1
    await function.lifecycle.pause(await documents.get("campaigns/c"), by="me")
    assert (await documents.get("campaigns/c"))["state"] == "running"
    assert len(documents.access.stored("audit")) == 1


async def test_log_shows_what_other_functions_did_a_moment_ago() -> None:
    """No tick is needed for it; the entry of an export is in the export."""
    api = MembersApiFixture()
    suppressed = await api.call_customers("POST", "/api/suppressions", json={"email": "asha@example.com"})
    assert suppressed.status_code == 200
    [entry] = (await api.call("GET", "/api/audit")).json()["items"]
    assert (entry["what"], entry["who"]) == ("addresses suppressed", "admin@example.com")
    assert "audit log exported" in (await api.call("GET", "/api/audit.csv")).text


async def test_change_of_members_and_its_entry_are_one_commit() -> None:
    """Both are in the access database: there is no outbox in between, and none without the other."""
    api = MembersApiFixture()
    body = {"address": "dev@example.com", "role": "viewer"}
    assert (await api.call("POST", "/api/members", json=body)).status_code == 201
    [entry] = api.access.stored("audit")
    assert entry.version == (await api.access.get("members/dev@example.com")).version
    assert api.documents.collections() == set()


async def test_member_is_not_changed_without_the_access_database() -> None:
    """What cannot be logged does not happen."""

    class ClosedStore(MemoryDocuments):
        async def commit(self, writes: Any) -> None:
            raise Unavailable("The database is down.")

    api = MembersApiFixture(access=ClosedStore())
    body = {"address": "dev@example.com", "role": "viewer"}
    assert (await api.call("POST", "/api/members", json=body)).status_code == 503
    assert api.documents.stored("audit_outbox") == []


def test_paths_of_entries() -> None:
    """The id stays the same."""
    path = audit_path()
    assert log_path(path) == path.replace("audit_outbox/", "audit/")


INVALID_ENTRIES = (
    {"what": "launch"},
    {"what": "launch", "by": 5},
    {"by": "a@example.com"},
    {"what": "x" * 201, "by": "a@example.com"},
    {"what": "launch", "by": "a@example.com", "at": datetime(9999, 1, 1, tzinfo=UTC)},
    {"what": "launch", "by": "a@example.com", "key": b"x"},
    {"what": "launch", "by": "a@example.com", "note": "x" * 900_000},
)


@pytest.mark.parametrize("data", INVALID_ENTRIES, ids=range(len(INVALID_ENTRIES)))
async def test_what_is_no_entry_neither_stops_the_move_nor_gets_into_the_log(data: dict[str, Any]) -> None:
    """A function that somebody controls may write anything: the log says so, and stays readable."""
    fixture = OutboxFixture()
    await fixture.documents.commit([Create("audit_outbox/bad", {"at": FIRST, **data})])
    [entry] = await fixture.add(1)
    await fixture.outbox().move(seconds=SECONDS)
    assert fixture.waiting() == []
    assert fixture.logged() == {
        log_path(entry.path): entry.data,
        "audit/bad": {"what": "invalid entry", "by": "unknown", "at": NOW, "entry": "bad"},
    }
