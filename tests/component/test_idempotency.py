"""`Idempotency-Key`: a client that got no answer repeats its request, and it takes effect once."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest

from common.storage.documents import Create, Delete, Query, Update
from local.openapi import build_document
from tests.component.test_api_campaigns import CampaignsApiFixture
from tests.component.test_api_customers import CustomersApiFixture

KEY = {"Idempotency-Key": "k-1"}
ASHA = {"external_id": "7", "email": "asha@example.com", "name": "Asha"}
VISIT = {"event_id": "1", "type": "visit", "at": "2026-01-01", "external_id": "7"}
WITH_KEY = {
    "/api/activities",
    "/api/assist/plans",
    "/api/campaigns",
    "/api/campaigns/{campaign_id}/copy",
    "/api/campaigns/{campaign_id}/launch",
    "/api/campaigns/{campaign_id}/resend",
    "/api/customers",
    "/api/forms",
    "/api/segments",
    "/api/suppressions",
}
REPEATABLE_WITHOUT_KEY = {"/api/keys", "/api/members", "/api/webhooks"}
"""A repeated invitation is refused (409). The answer of a new API key, or of a webhook, has its
secret, which no answer shows again."""


@pytest.fixture
async def people() -> CustomersApiFixture:
    return CustomersApiFixture()


@pytest.fixture
async def campaigns() -> CampaignsApiFixture:
    return CampaignsApiFixture()


def test_each_request_that_creates_something_takes_a_key() -> None:
    """A new POST that creates is added here, with the key or with the reason why it has none."""
    posts = {path: item["post"] for path, item in build_document()["paths"].items() if "post" in item}
    taking = {
        path
        for path, post in posts.items()
        if any(one["name"] == "idempotency-key" for one in post.get("parameters", ()))
    }
    creating = {path for path, post in posts.items() if "201" in post["responses"]}
    assert taking == WITH_KEY
    assert creating - taking == REPEATABLE_WITHOUT_KEY


async def test_segment_repeated_with_a_key_is_one_segment(campaigns: CampaignsApiFixture) -> None:
    """Without a key, the second request is refused, because the name is taken by then."""
    body = {"name": "Big", "text": "spend > 10"}
    first = await campaigns.call("POST", "/api/segments", json=body, headers=KEY)
    again = await campaigns.call("POST", "/api/segments", json=body, headers=KEY)
    assert (first.status_code, again.status_code, again.text) == (201, 201, first.text)
    assert (await campaigns.call("POST", "/api/segments", json=body)).status_code == 409


async def test_segment_whose_answer_was_never_stored_is_found(campaigns: CampaignsApiFixture) -> None:
    """The process died between the commit and the answer: the repetition answers with the same segment."""
    body = {"name": "Big", "text": "spend > 10"}
    first = await campaigns.call("POST", "/api/segments", json=body, headers=KEY)
    [record] = await campaigns.documents.query(Query(collection="idempotency"))
    await campaigns.documents.commit([Update(record.path, {"answer": None})])
    again = await campaigns.call("POST", "/api/segments", json=body, headers=KEY)
    assert (again.status_code, again.json()["id"]) == (201, first.json()["id"])


async def test_copy_repeated_with_a_key_is_one_copy(campaigns: CampaignsApiFixture) -> None:
    """A second key makes a second copy."""
    path = f"/api/campaigns/{(await campaigns.campaign()).json()['id']}/copy"
    copies = [await campaigns.call("POST", path, headers=key) for key in (KEY, KEY, {"Idempotency-Key": "k-2"})]
    assert copies[0].text == copies[1].text
    assert len({copy.json()["id"] for copy in copies}) == 2


async def test_key_with_other_options_is_refused(campaigns: CampaignsApiFixture) -> None:
    """The options in the URL belong to the request."""
    body = {"name": "Diwali"}
    await campaigns.call("POST", "/api/campaigns", json=body, headers=KEY, params={"draft": "true"})
    other = await campaigns.call("POST", "/api/campaigns", json=body, headers=KEY)
    assert (other.status_code, other.json()["errors"][0]["field"]) == (422, "Idempotency-Key")


@pytest.mark.parametrize(
    ("path", "row"),
    [("/api/customers", ASHA), ("/api/activities", VISIT), ("/api/suppressions", {"email": "asha@example.com"})],
)
async def test_rows_repeated_with_a_key_get_the_first_answer(
    people: CustomersApiFixture, path: str, row: dict[str, Any]
) -> None:
    """`created` stays `created`. The same key with other rows is refused, and nothing of them is written."""
    await people.call("POST", "/api/customers", json=ASHA | {"name": "Before"} if path != "/api/customers" else [])
    first = await people.call("POST", path, json=[row], headers=KEY)
    again = await people.call("POST", path, json=[row], headers=KEY)
    assert (first.status_code, again.status_code, again.text) == (200, 200, first.text), first.text
    other = await people.call("POST", path, json=[row | {"email": "bela@example.com"}], headers=KEY)
    assert (other.status_code, other.json()["errors"][0]["field"]) == (422, "Idempotency-Key")
    assert "bela" not in str(await people.all_customers())


async def test_stored_hash_does_not_tell_a_phone_number(people: CustomersApiFixture) -> None:
    """Who reads the database can try all numbers; without the key, which is not stored, none of them fits."""
    body = b'{"phone":"+919812345678"}'
    headers = KEY | {"Content-Type": "application/json"}
    assert (await people.call("POST", "/api/customers", content=body, headers=headers)).status_code == 200
    [record] = await people.documents.query(Query(collection="idempotency"))
    assert record["body"] not in {hashlib.new(name, body).hexdigest() for name in ("sha256", "sha1", "md5")}


def many_rows(number: int = 600) -> bytes:
    return json.dumps([{"external_id": str(n), "email": f"p{n}@example.com"} for n in range(number)]).encode()


async def imports_of(people: CustomersApiFixture) -> list[str]:
    return [job.id for job in await people.documents.query(Query(collection="imports"))]


async def test_import_repeated_with_a_key_is_one_import(people: CustomersApiFixture) -> None:
    """The file is not stored again: the answer is the import of the first request."""
    request: dict[str, Any] = {"content": many_rows(), "headers": KEY | {"Content-Type": "application/json"}}
    first = await people.call("POST", "/api/customers", **request)
    again = await people.call("POST", "/api/customers", **request)
    assert (first.status_code, again.status_code, again.text) == (202, 202, first.text)
    assert await imports_of(people) == [first.json()["import_id"]]


async def test_import_whose_answer_was_never_stored_is_found(people: CustomersApiFixture) -> None:
    """The process died after the upload. The chunks may be processed by now, and are not written again."""
    request: dict[str, Any] = {"content": many_rows(), "headers": KEY | {"Content-Type": "application/json"}}
    first = (await people.call("POST", "/api/customers", **request)).json()
    await people.process_imports()
    [record] = await people.documents.query(Query(collection="idempotency"))
    await people.documents.commit([Update(record.path, {"answer": None})])
    again = (await people.call("POST", "/api/customers", **request)).json()
    assert (again["import_id"], again["accepted"]) == (first["import_id"], 600)
    assert (await people.call("GET", f"/api/imports/{first['import_id']}")).json()["created"] == 600


async def test_import_that_was_cut_off_is_uploaded_again(people: CustomersApiFixture) -> None:
    """Nothing of the first upload was imported, so that the repetition is an import of its own."""

    async def cut_off() -> AsyncIterator[bytes]:
        yield many_rows(2_000)[:60_000]
        raise OSError("the connection broke")

    headers = KEY | {"Content-Type": "application/json"}
    with pytest.raises(OSError, match="broke"):
        await people.call("POST", "/api/customers", content=cut_off(), headers=headers)
    answer = await people.call("POST", "/api/customers", content=many_rows(2_000), headers=headers)
    assert (answer.status_code, answer.json()["accepted"]) == (202, 2_000)
    again = await people.call("POST", "/api/customers", content=many_rows(2_000), headers=headers)
    assert again.text == answer.text


async def test_import_that_is_still_uploaded_is_not_started_twice(people: CustomersApiFixture) -> None:
    """The repetition is asked to try again later."""
    request: dict[str, Any] = {"content": many_rows(), "headers": KEY | {"Content-Type": "application/json"}}
    import_id = (await people.call("POST", "/api/customers", **request)).json()["import_id"]
    [record] = await people.documents.query(Query(collection="idempotency"))
    now = datetime.now(UTC)
    await people.documents.commit(
        [Update(record.path, {"answer": None}), Update(f"imports/{import_id}", {"state": "uploading", "at": now})]
    )
    answers = await asyncio.gather(*(people.call("POST", "/api/customers", **request) for _ in range(3)))
    assert [answer.status_code for answer in answers] == [503] * 3
    assert await imports_of(people) == [import_id]


async def test_answer_that_is_too_large_to_keep_is_computed_again(people: CustomersApiFixture) -> None:
    """The rows are written once all the same: writing a row again changes nothing."""
    rows = [{"email": f"p{n}@example.com"} for n in range(3)] + [{"email": "x" * 200} for _ in range(7_500)]
    request: dict[str, Any] = {"json": rows, "headers": KEY}
    first = (await people.call("POST", "/api/suppressions", **request)).json()
    assert (first["suppressed"], len(first["rejected"])) == (3, 7_500)
    [record] = await people.documents.query(Query(collection="idempotency"))
    assert record.get("answer") is None
    assert (await people.call("POST", "/api/suppressions", **request)).json() == first


async def test_repeated_key_of_somebody_else_is_another_key(campaigns: CampaignsApiFixture) -> None:
    """Two members may choose the same text."""
    await campaigns.access.commit([Create("members/b@example.com", {"role": "manager"})])
    answers = [
        await campaigns.call("POST", "/api/campaigns", json={"name": "x"}, headers=KEY, params={"draft": "true"}, by=by)
        for by in ("admin@example.com", "b@example.com")
    ]
    assert answers[0].json()["id"] != answers[1].json()["id"]
    await campaigns.access.commit([Delete("members/b@example.com")])
