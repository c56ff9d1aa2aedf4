"""What one caller may ask for: a bucket of tokens for each member, each API key, and each address that is refused."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from campaigns.composition import CampaignsSettings
from campaigns.composition import compose as compose_campaigns
from common.errors import Misconfigured
from common.settings import RateLimitSettings
from common.storage.documents import Create
from common.storage.memory import MemoryDocuments, MemoryPublisher
from common.web.api_keys import key_id, key_path, new_key
from common.web.rate_limits import BURST_SECONDS, TokenBuckets, client_address
from local.client import ApiError, HeraldClient
from receipts.composition import ReceiptsSettings
from receipts.composition import compose as compose_receipts
from tests.support import SETTINGS, ApiClient, FakeModel, identity_from_token

PERSON, KEY, ANONYMOUS = (int(rate * BURST_SECONDS) for rate in RateLimitSettings.read({}).per_second.values())
API_KEY = new_key()


class Time:
    """A monotonic clock that the test moves."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
async def call(time: Time) -> ApiClient:
    """The campaigns API, with an admin, another member and an API key."""
    access = MemoryDocuments()
    await access.commit(
        [
            Create("members/other@example.com", {"role": "viewer"}),
            Create(key_path(key_id(API_KEY)), {"name": "shop", "role": "viewer"}),
        ]
    )
    return ApiClient(
        compose_campaigns(
            documents=MemoryDocuments(),
            open_access=lambda: access,
            publisher=MemoryPublisher(),
            create_model=FakeModel,
            verify_id_token=identity_from_token,
            settings=CampaignsSettings(SETTINGS),
            monotonic=time,
        ).app
    )


async def statuses(call: ApiClient, number: int, **request: Any) -> list[int]:
    """The statuses of requests that cost one token each, without repetitions."""
    answers = [(await call("GET", "/api/vendors", **request)).status_code for _ in range(number)]
    return list(dict.fromkeys(answers))


async def test_member_over_the_limit_waits_and_others_do_not(call: ApiClient, time: Time) -> None:
    """The answer is 429 and says when to come back; then the member is answered again."""
    assert await statuses(call, PERSON) == [200]
    refused = await call("GET", "/api/vendors")
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "1")
    assert refused.json()["type"] == "urn:herald:too_many_requests"
    assert await statuses(call, 5, by="other@example.com") == [200]
    time.now += int(refused.headers["retry-after"])
    assert await statuses(call, 1) == [200]
    time.now += 3600
    assert await statuses(call, PERSON + 1) == [200, 429]


async def test_api_key_has_a_larger_bucket_of_its_own(call: ApiClient) -> None:
    """A program may ask for more than a person."""
    assert KEY > PERSON
    assert await statuses(call, PERSON + 1, by=API_KEY) == [200]
    assert await statuses(call, 1) == [200]


async def test_expensive_route_costs_more(call: ApiClient) -> None:
    """A preview reads the index, so fewer of them are allowed."""
    request: dict[str, Any] = {"json": {"text": "everyone"}, "by": "other@example.com"}
    codes = [(await call("POST", "/api/segments/preview", **request)).status_code for _ in range(PERSON // 3 + 1)]
    assert codes == [200] * (PERSON // 3) + [429]


async def test_address_that_is_refused_too_often_waits(call: ApiClient, time: Time) -> None:
    """Only requests without a valid sign-in count. Whoever signed in before at the same address is answered still."""
    assert await statuses(call, 1) == [200]
    assert await statuses(call, ANONYMOUS, by=None) == [401]
    assert await statuses(call, 1, by=None) == [429]
    assert await statuses(call, 1, by="hk_unknown") == [429]
    assert await statuses(call, 1) == [200]
    elsewhere = {"headers": {"X-Forwarded-For": "127.0.0.1, 203.0.113.7"}}
    assert await statuses(call, 1, by=None, **elsewhere) == [401]
    time.now += 60
    assert await statuses(call, 1, by=None) == [401]


async def test_forged_callbacks_are_limited(time: Time) -> None:
    """An address whose callbacks are not signed is refused before the headers are looked at."""
    app = compose_receipts(
        documents=MemoryDocuments(),
        publisher=MemoryPublisher(),
        settings=ReceiptsSettings(SETTINGS),
        monotonic=time,
    ).app
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://herald") as client:
        answers = [await client.post("/api/receipts/simulator", json={}) for _ in range(ANONYMOUS + 1)]
    assert [answer.status_code for answer in answers] == [401] * ANONYMOUS + [429]


async def test_limits_can_be_turned_off_and_named_only_correctly(time: Time) -> None:
    """A rate of 0 means no limit; an unknown name is an error at the start."""
    assert RateLimitSettings.read({"RATE_LIMITS": "person=0"}).per_second["person"] == 0
    assert RateLimitSettings.read({"RATE_LIMITS": "person=0"}).per_second["key"] > 0
    assert TokenBuckets(per_second=0, monotonic=time).take("x", cost=10**9) == 0
    for wrong in ("persons=1", "person=-1", "person=x", "person"):
        with pytest.raises(Misconfigured, match="RATE_LIMITS"):
            RateLimitSettings.read({"RATE_LIMITS": wrong})


async def test_forged_address_changes_nothing(call: ApiClient) -> None:
    """Whoever writes another address into each request still waits: what they write is not the last entry."""
    answers = [
        await call(
            "GET", "/api/vendors", by=None, headers={"X-Forwarded-For": f"10.0.{n % 256}.{n // 256}, 203.0.113.7"}
        )
        for n in range(ANONYMOUS + 1)
    ]
    assert [answer.status_code for answer in answers] == [401] * ANONYMOUS + [429]


@pytest.mark.parametrize(
    ("forwarded", "address"),
    [
        ([b"203.0.113.7"], "203.0.113.7"),
        ([b"1.2.3.4, 203.0.113.7"], "203.0.113.7"),
        ([b"forged, 203.0.113.7"], "203.0.113.7"),
        ([b"1.2.3.4", b"203.0.113.7"], "203.0.113.7"),
        ([b"1.2.3.4, 5.6.7.8", b"203.0.113.7"], "203.0.113.7"),
        ([b"2001:db8:1:2:3:4:5:6"], "2001:db8:1:2::"),
        ([b"::ffff:203.0.113.7"], "203.0.113.7"),
        ([b"1.2.3.4, \xff"], "127.0.0.1"),
        ([b"1.2.3.4,"], "127.0.0.1"),
        ([b""], "127.0.0.1"),
        ([], "127.0.0.1"),
    ],
)
def test_address_is_the_one_that_google_adds(forwarded: list[bytes], address: str) -> None:
    """The last address of all headers is the proxy's own observation; a client can forge only those before it."""
    headers = [(b"x-forwarded-for", value) for value in forwarded]
    assert client_address({"type": "http", "client": ("127.0.0.1", 1), "headers": headers}) == address


@pytest.mark.parametrize("header", ["Forwarded", "X-Real-IP", "Fastly-Client-IP", "True-Client-IP", "X-Client-IP"])
def test_other_headers_with_an_address_are_not_read(header: str) -> None:
    """Anybody can send them: the functions have addresses of their own, beside the one of Hosting."""
    headers = [(header.lower().encode(), b"1.2.3.4"), (b"x-forwarded-for", b"203.0.113.7")]
    assert client_address({"type": "http", "client": ("127.0.0.1", 1), "headers": headers}) == "203.0.113.7"


async def test_request_that_costs_more_than_the_bucket_is_possible(time: Time) -> None:
    """It empties a full bucket, and the next one waits."""
    buckets = TokenBuckets(per_second=1, monotonic=time)
    assert buckets.take("x", cost=10**6) == 0
    assert buckets.take("x", cost=1) == 1


async def test_command_line_client_waits_and_repeats() -> None:
    """A script that sends more than it may takes longer, and fails only if it is refused again and again."""
    answers = [httpx.Response(429, headers={"Retry-After": "0"}), httpx.Response(200, json={"done": True})]
    transport = httpx.MockTransport(lambda _: answers.pop(0))
    async with httpx.AsyncClient(transport=transport, base_url="http://herald") as http:
        assert await HeraldClient(http).post("/api/customers", {}) == {"done": True}
    transport = httpx.MockTransport(lambda _: httpx.Response(429, headers={"Retry-After": "0"}, json={}))
    async with httpx.AsyncClient(transport=transport, base_url="http://herald") as http:
        with pytest.raises(ApiError, match="429"):
            await HeraldClient(http).get("/api/customers")
