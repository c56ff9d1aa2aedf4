"""The audit log of rows that people send: an entry in the commit that writes them."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from common.errors import Unavailable
from common.storage.documents import Write
from common.storage.memory import MemoryDocuments
from customers.commands.record_activities import ActivityRecorder
from customers.commands.upsert import CustomerUpserts
from customers.model.activity import ActivityInput
from customers.model.customer import CustomerInput
from tests.component.test_api_customers import CustomersApiFixture
from tests.support import HASHER, ResponseLosingStore, logged_actions

WRITTEN = {"customers": "customers written", "activities": "activities written"}


class CommitNotingStore(MemoryDocuments):
    """Notes the collections of each commit, and fails the first `failures` commits."""

    def __init__(self, failures: int = 0) -> None:
        super().__init__()
        self.failures = failures
        self.commits: list[Counter[str]] = []

    async def commit(self, writes: Sequence[Write]) -> None:
        if self.failures:
            self.failures -= 1
            raise Unavailable
        await super().commit(writes)
        self.commits.append(Counter(write.path.partition("/")[0] for write in writes))


def customer(number: int, **fields: Any) -> CustomerInput:
    return CustomerInput.model_validate({"external_id": f"{number}", "email": f"p{number}@example.com", **fields})


def order(number: int) -> ActivityInput:
    at = datetime(2026, 11, 1, tzinfo=UTC)
    fields = {"event_id": f"o{number}", "type": "order", "at": at, "amount": 5, "external_id": f"{number}"}
    return ActivityInput.model_validate(fields)


async def send(documents: MemoryDocuments, what: str, calls: dict[str | None, int]) -> list[str]:
    """Sends one row with each call, all at once: so many calls of each person, None being a program."""
    people = [by for by, number in calls.items() for _ in range(number)]
    if what == "customers":
        upserts = CustomerUpserts(documents, hashes=HASHER)
        sent = (upserts.upsert([customer(number)], logged_by=by) for number, by in enumerate(people))
        return [result.status for [result] in await asyncio.gather(*sent)]
    recorder = ActivityRecorder(documents, hashes=HASHER, zone=UTC)
    counted = (
        recorder.record([order(number)], on_unknown_customer="create", logged_by=by) for number, by in enumerate(people)
    )
    return [result.status for [result] in await asyncio.gather(*counted)]


@pytest.mark.parametrize("what", WRITTEN)
async def test_rows_of_a_person_and_their_entry_are_one_commit(what: str) -> None:
    """Calls at the same moment share the commit, and those of one person the entry; a program's rows are in none."""
    documents = CommitNotingStore()
    [status] = set(await send(documents, what, {"a@example.com": 5, "b@example.com": 1, None: 4}))
    [commit] = documents.commits
    assert (commit[what], commit["audit_outbox"]) == (10, 2)
    entries = await logged_actions(documents, WRITTEN[what])
    assert {entry["by"]: entry[status] for entry in entries} == {"a@example.com": 5, "b@example.com": 1}


@pytest.mark.parametrize("what", WRITTEN)
async def test_rows_of_a_failed_commit_are_not_logged(what: str) -> None:
    """There is an entry if and only if the rows are written."""
    documents = CommitNotingStore(failures=1)
    with pytest.raises(Unavailable):
        await send(documents, what, {"a@example.com": 3})
    assert (documents.stored(what), documents.stored("audit_outbox")) == ([], [])


@pytest.mark.parametrize("what", WRITTEN)
async def test_lost_answer_leaves_an_entry_that_says_what_was_written(what: str) -> None:
    """The commit that is sent again fails, and the rows are read again: they are there already."""
    documents = ResponseLosingStore(lost=1)
    await send(documents, what, {"a@example.com": 3})
    written = [
        entry.get("created", 0) + entry.get("counted", 0) for entry in await logged_actions(documents, WRITTEN[what])
    ]
    assert sorted(written) == [0, 3]


async def test_unchanged_rows_are_logged_once_although_the_commit_is_sent_again() -> None:
    """Then the entry is all that the commit has; nothing else would refuse it."""
    documents = ResponseLosingStore()
    for lost in (0, 1):
        documents.lost = lost
        await CustomerUpserts(documents, hashes=HASHER).upsert([customer(1)], logged_by="a@example.com")
    entries = await logged_actions(documents, "customers written")
    assert sorted((entry.get("created", 0), entry.get("unchanged", 0)) for entry in entries) == [(0, 1), (1, 0)]


async def test_rows_of_which_none_is_accepted_leave_no_entry() -> None:
    """Neither those that are not valid, nor those of whom nobody can say whose they are."""
    api = CustomersApiFixture()
    family = [{"external_id": name, "email": "family@example.com"} for name in "ab"]
    assert (await api.call("POST", "/api/customers", json=family)).json()["created"] == 2
    rejected = [{"email": "nobody"}, {"email": "family@example.com"}]
    assert (await api.call("POST", "/api/customers", json=rejected)).json()["rejected"] == 2
    assert (await api.call("POST", "/api/customers", json=[*rejected, *family])).json()["unchanged"] == 2
    entries = await logged_actions(api.documents, "customers written")
    counts = [{name: entry.get(name) for name in ("created", "unchanged", "rejected")} for entry in entries]
    assert sorted(counts, key=str) == [
        {"created": 2, "unchanged": None, "rejected": None},
        {"created": None, "unchanged": 2, "rejected": 1},
    ]
