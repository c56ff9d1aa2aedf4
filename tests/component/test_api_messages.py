"""The messages of a campaign over HTTP: filters, search, causes, the CSV, and who wrote the texts."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any

import pytest

from common.events import Receipt, ReceiptKind
from common.ids import message_id
from common.storage.documents import Create
from customers.commands.upsert import CustomerUpserts
from customers.model.customer import CustomerInput
from tests.component.test_api_campaign_list import add
from tests.component.test_api_campaigns import NOW, CampaignsApiFixture
from tests.support import HASHER, customer_id

GONE, FULL = "The mailbox does not exist (simulated).", "The mailbox is full (simulated)."


def person(number: int) -> str:
    return customer_id("external_id", str(number))


async def record(api: CampaignsApiFixture, number: int, kind: ReceiptKind, **fields: Any) -> None:
    ids = {"message_id": message_id("c", person(number)), "campaign_id": "c", "customer_id": person(number)}
    await api.ledger.record([Receipt(**ids, kind=kind, **{"at": NOW + timedelta(seconds=number), **fields})])


async def claim(api: CampaignsApiFixture, number: int, **fields: Any) -> None:
    text = {
        "campaign": "c", "customer": person(number), "name": f"P{number}", "to": f"p{number}@example.com",
        "subject": "=1+1", "body": f"Text {number}", "personalized_by": "gemini",
    }  # fmt: skip
    await api.documents.commit([Create(f"claims/{message_id('c', person(number))}", text | fields)])


@pytest.fixture
async def api() -> CampaignsApiFixture:
    """Campaign `c` with 2 sent, 3 failed (2 for good) and 1 skipped message."""
    api = CampaignsApiFixture()
    await api.access.commit([Create("members/viewer@example.com", {"role": "viewer"})])
    names = ["Asha Rao", "Ravi Kumar", "Asha Singh", "Meera", "Zoya", "Om", "Not in it"]
    rows = [CustomerInput(external_id=str(n), email=f"p{n}@example.com", name=name) for n, name in enumerate(names)]
    await CustomerUpserts(api.documents, hashes=HASHER).upsert(rows)
    await add(api, "C", "finished", id_="c", launched_at=NOW)
    for number in range(5):
        await claim(api, number)
    await record(api, 0, "sent")
    await record(api, 1, "sent")
    await record(api, 2, "failed", reason=GONE, permanent=True)
    await record(api, 3, "failed", reason=GONE, permanent=True)
    await record(api, 4, "failed", reason=FULL)
    await record(api, 5, "skipped", reason="no_consent", name="Om")
    return api


async def found(api: CampaignsApiFixture, **params: Any) -> set[int]:
    """The numbers of the people whose messages are listed, over all pages."""
    numbers = {person(number): number for number in range(7)}
    seen: list[int] = []
    after: str | None = ""
    while after is not None:
        query = params | ({"after": after} if after else {})
        how = ("POST", "/search", "json") if "search" in params else ("GET", "", "params")
        request: dict[str, Any] = {how[2]: query, "by": "viewer@example.com"}
        response = await api.call(how[0], f"/api/campaigns/c/messages{how[1]}", **request)
        assert response.status_code == 200, response.text
        seen += [numbers[one["customer_id"]] for one in response.json()["items"]]
        after = response.json()["next"]
    assert len(seen) == len(set(seen))
    return set(seen)


@pytest.mark.parametrize("limit", [1, 50])
async def test_messages_are_found_by_state_reason_name_and_address(api: CampaignsApiFixture, limit: int) -> None:
    """Each filter alone and together, in pages of any size; who is not in the campaign is never found."""
    assert await found(api, limit=limit) == {0, 1, 2, 3, 4, 5}
    assert await found(api, limit=limit, reason=GONE) == {2, 3}
    assert await found(api, limit=limit, reason=GONE, state="failed") == {2, 3}
    assert await found(api, limit=limit, reason=GONE, state="skipped") == set()
    assert await found(api, limit=limit, reason="no_consent") == {5}
    assert await found(api, limit=limit, search="asha") == {0, 2}
    assert await found(api, limit=limit, search="ASHA", state="failed") == {2}
    assert await found(api, limit=limit, search="p4@example.com", reason=FULL) == {4}
    assert await found(api, limit=limit, search="p4@example.com", reason=GONE) == set()
    assert await found(api, limit=limit, search="not in it") == set()


async def test_wrong_cursor_of_messages_is_422(api: CampaignsApiFixture) -> None:
    """Of a plain list and of a search alike."""
    for params in ({"after": "é"}, {"after": "zz", "reason": GONE}, {"after": "zz", "search": "asha"}):
        response = await api.call("POST", "/api/campaigns/c/messages/search", json=params)
        assert (response.status_code, response.json()["errors"][0]["code"]) == (422, "cursor")


async def test_failed_and_skipped_messages_have_their_cause(api: CampaignsApiFixture) -> None:
    """A code that the site has a sentence for, and whether a retry may help."""
    items = (await api.call("GET", "/api/campaigns/c/messages")).json()["items"]
    causes = {one["customer_id"]: one["cause"] for one in items}
    assert [causes[person(number)] for number in range(6)] == [
        None,
        None,
        {"code": "no_mailbox", "retryable": False},
        {"code": "no_mailbox", "retryable": False},
        {"code": "mailbox_full", "retryable": True},
        {"code": "no_consent", "retryable": False},
    ]


async def test_unknown_messages_are_found_and_have_their_cause(api: CampaignsApiFixture) -> None:
    """By state, with the reason why nobody asks the vendor again; the CSV has them, too."""
    await claim(api, 6)
    await record(api, 6, "unknown", reason="The vendor no longer recognizes the message.", retry_of_attempt=1)
    assert await found(api, state="unknown") == {6}
    [message] = (await api.call("GET", "/api/campaigns/c/messages", params={"state": "unknown"})).json()["items"]
    assert (message["state"], message["cause"]) == ("unknown", {"code": "no_report", "retryable": False})
    rows = await csv_rows(api)
    assert [(row["state"], row["cause"], row["retryable"]) for row in rows if row["customer_id"] == person(6)] == [
        ("unknown", "no_report", "no")
    ]
    totals = (await api.call("GET", "/api/campaigns/c/statistics")).json()
    assert (totals["unknown"], totals["retryable"]) == (1, 1)


async def csv_rows(api: CampaignsApiFixture) -> list[dict[str, str]]:
    response = await api.call("GET", "/api/campaigns/c/messages.csv")
    return list(csv.DictReader(io.StringIO(response.text.removeprefix("\ufeff"))))


async def test_statistics_count_failures_by_reason(api: CampaignsApiFixture) -> None:
    """The most frequent first; a retried message has not failed any more."""
    statistics = (await api.call("GET", "/api/campaigns/c/statistics")).json()
    gone, full = (
        {"code": "no_mailbox", "reason": GONE, "count": 2},
        {"code": "mailbox_full", "reason": FULL, "count": 1},
    )
    assert statistics["failed_reasons"] == [gone, full]
    assert (statistics["bucket_seconds"], len(statistics["over_time"])) == (1, 6)
    await record(api, 4, "retried", attempt=2, reason=FULL, replaces="failed")
    assert (await api.call("GET", "/api/campaigns/c/statistics")).json()["failed_reasons"] == [gone]


async def test_messages_csv_has_every_message_and_no_formula(api: CampaignsApiFixture) -> None:
    """One row for each; a cell that a spreadsheet would run is escaped; a viewer may not have it."""
    assert (await api.call("GET", "/api/campaigns/c/messages.csv", by="viewer@example.com")).status_code == 403
    response = await api.call("GET", "/api/campaigns/c/messages.csv")
    assert response.headers["content-type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(response.text.removeprefix("\ufeff"))))
    assert len(rows) == 6
    [full] = [row for row in rows if row["customer_id"] == person(4)]
    assert full == {
        "customer_id": person(4), "name": "P4", "to": "p4@example.com", "state": "failed", "reason": FULL,
        "subject": "'=1+1", "body": "Text 4", "personalized_by": "gemini", "fallback": "", "language": "",
        "cause": "mailbox_full", "retryable": "yes", "attempts": "1", "at": "2026-11-23T12:00:04+00:00",
    }  # fmt: skip
    assert (await api.call("GET", "/api/campaigns/0/messages.csv")).status_code == 404


async def test_fallbacks_are_counted_by_reason(api: CampaignsApiFixture) -> None:
    """Who wrote the texts, and why the template was used, with at most three examples of refused texts; reasons differ
    only in what is about the person."""
    await claim(api, 5, personalized_by="template", fallback="the text names 12345 rupees")
    await claim(api, 6, personalized_by="template", fallback="the text names 99999 rupees")
    promises = {"personalized_by": "template", "fallback": "promise: Promise nothing: 'free'."}
    for number in range(7, 12):
        await claim(api, number, **promises, refused_text=f"Dear ⟦name⟧, all is free {number % 4}")
    response = await api.call("GET", "/api/campaigns/c/fallbacks", by="viewer@example.com")
    found = response.json()
    assert (found["by_gemini"], found["by_template"], found["complete"]) == (5, 7, True)
    promise, other = found["reasons"]
    assert (promise["reason"], promise["count"]) == ("promise: Promise nothing: 'free'.", 5)
    assert len(set(promise["examples"])) == 3
    assert set(promise["examples"]) <= {f"Dear ⟦name⟧, all is free {number}" for number in range(4)}
    assert other == {"reason": "the text names … rupees", "count": 2, "examples": []}


async def test_texts_that_lost_a_sentence_are_counted(api: CampaignsApiFixture) -> None:
    """How many, why, and what was lost; they are Gemini's texts all the same, and other campaigns' do not count."""
    for number in range(7, 12):
        lost = {"mended": f"vocabulary: Say 'w{number % 2}' otherwise.", "refused_text": f"Sentence {number % 4}."}
        await claim(api, number, personalized_by="gemini", **lost)
    await claim(api, 12, personalized_by="gemini", mended=None)
    await claim(api, 13, personalized_by="gemini", mended="promise: Promise nothing.", campaign="other")
    found = (await api.call("GET", "/api/campaigns/c/fallbacks")).json()
    assert (found["mended"], found["by_template"], found["reasons"]) == (5, 0, [])
    first, second = found["mended_reasons"]
    assert (first["reason"], first["count"]) == ("vocabulary: Say 'w1' otherwise.", 3)
    assert (second["count"], set(second["examples"])) == (2, {"Sentence 0.", "Sentence 2."})
