"""The protocol between Pub/Sub and every event function, on an endpoint of its own."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from google.auth import crypt, jwt
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from common.errors import Busy, Refused
from common.events import Event
from common.pubsub.oidc import Tokens
from common.pubsub.push import MOST_BYTES, Endpoint, decoded, into_the_log, to_dead_letters
from common.settings import Push
from common.storage.memory import MemoryPublisher

AUDIENCE, IDENTITY, ISSUER = "https://herald/deliver", "push@herald.example", "https://issuer.example"


class Greeted(Event):
    topic: ClassVar[str] = "greetings"
    name: str


class Issuer:
    """Signs tokens as Google does, with a key of its own."""

    def __init__(self, key_id: str = "k1") -> None:
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        pem = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
        )
        self.key_id = key_id
        self.signer = crypt.RSASigner.from_string(pem, key_id)  # type: ignore[no-untyped-call]
        self.certificate = _certificate(key)

    def token(self, **changes: Any) -> str:
        now = int(time.time())
        claims = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "email": IDENTITY,
            "email_verified": True,
            "iat": now,
            "exp": now + 60,
        }
        return str(jwt.encode(self.signer, claims | changes).decode())  # type: ignore[no-untyped-call]


def _certificate(key: rsa.RSAPrivateKey) -> str:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "issuer")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(now).not_valid_after(now + timedelta(days=1))
    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()


class World:
    def __init__(self, issuer: Issuer, *, last: bool = False) -> None:
        """`last`: where dead letters arrive."""
        self.issuer = issuer
        self.handled: list[Greeted] = []
        self.error: Exception | None = None
        self.publisher = MemoryPublisher()
        self.fetches = 0
        settings = Push(audience=AUDIENCE, identity=IDENTITY, issuer=ISSUER)
        endpoint = Endpoint(
            read=decoded(Greeted),
            handle=self._handle,
            tokens=Tokens(settings, fetch=self._fetch),
            bury=into_the_log if last else to_dead_letters(self.publisher),
            attempts=None if last else 5,
        )

        async def entry_point(request: Request) -> Response:
            return await endpoint(request)

        app = Starlette(routes=[Route("/", entry_point, methods=["POST"])])
        self._http = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://herald")

    async def _fetch(self) -> Mapping[str, str]:
        self.fetches += 1
        return {self.issuer.key_id: self.issuer.certificate}

    async def _handle(self, event: Greeted) -> None:
        self.handled.append(event)
        if self.error:
            raise self.error

    async def push(self, data: bytes, *, token: str | None = None, attempt: int = 1) -> int:
        message = {"data": base64.b64encode(data).decode(), "messageId": "1", "attributes": {"trace": "t"}}
        body = {"message": message, "subscription": "projects/p/subscriptions/greetings", "deliveryAttempt": attempt}
        return await self.post(json.dumps(body).encode(), token=token)

    async def post(self, body: bytes, *, token: str | None = None) -> int:
        headers = {"Authorization": f"Bearer {token or self.issuer.token()}"}
        return (await self._http.post("/", content=body, headers=headers)).status_code


ISSUERS = [Issuer(), Issuer()]
ASHA = Greeted(name="Asha").encode()


@pytest.fixture
def world() -> World:
    return World(ISSUERS[0])


async def test_an_event_is_handled_and_acknowledged(world: World) -> None:
    assert await world.push(ASHA) == 204
    assert world.handled == [Greeted(name="Asha")]


async def test_unknown_fields_are_ignored_so_that_old_code_reads_new_events(world: World) -> None:
    assert await world.push(b'{"name": "Asha", "new": 1}') == 204
    assert world.handled == [Greeted(name="Asha")]


@pytest.mark.parametrize("data", [b"", b"{", b"{}", b'{"name": 7}', b'{"name": "x", "version": 2}', b"\xff\xfe"])
async def test_a_malformed_event_goes_to_the_dead_letters_at_once(world: World, data: bytes) -> None:
    assert await world.push(data) == 204
    assert world.handled == []
    [(topic, kept, attributes)] = world.publisher.raw
    assert (topic, kept) == ("dead-letters", data)
    assert attributes["subscription"] == "greetings"
    assert attributes["trace"] == "t"
    assert "no Greeted" in attributes["reason"]


async def test_a_permanent_error_goes_to_the_dead_letters_with_its_reason(world: World) -> None:
    world.error = Refused("There is no such vendor.")
    assert await world.push(ASHA) == 204
    [(_, data, attributes)] = world.publisher.raw
    assert (data, attributes["reason"]) == (ASHA, "There is no such vendor.")


@pytest.mark.parametrize("error", [Busy(), RuntimeError("a bug")])
async def test_any_other_error_is_tried_again(world: World, error: Exception) -> None:
    world.error = error
    assert await world.push(ASHA, attempt=4) == 503
    assert world.publisher.raw == []


async def test_after_the_last_attempt_it_goes_to_the_dead_letters_with_its_reason(world: World) -> None:
    world.error = Busy("Somebody else has it.")
    assert await world.push(ASHA, attempt=5) == 204
    [(_, data, attributes)] = world.publisher.raw
    assert (data, attributes["reason"]) == (ASHA, "Somebody else has it.")


async def test_a_dead_letter_that_cannot_be_worked_off_ends_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    """Whole, and where the alert on dead letters counts it: published once more it would go round for ever."""
    world = World(ISSUERS[0], last=True)
    world.error = Refused("There is no such document.")
    assert await world.push(ASHA) == 204
    [record] = [one.__dict__ for one in caplog.records if one.getMessage() == "dead letter"]
    assert (record["levelname"], record["subscription"]) == ("ERROR", "greetings")
    assert (record["reason"], record["data"]) == ("There is no such document.", ASHA.decode())
    assert record["attributes"] == {"trace": "t"}
    world.error = Busy()
    assert await world.push(ASHA) == 503


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b'{"message": {"data": "", "messageId": "1"}}'])
async def test_what_is_no_push_is_refused(world: World, body: bytes) -> None:
    assert await world.post(body) == 422
    assert world.publisher.raw == []


async def test_a_body_over_the_limit_is_refused(world: World) -> None:
    assert await world.post(b" " * (MOST_BYTES + 1)) == 413


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "https://herald/other"},
        {"email": "somebody@herald.example"},
        {"email_verified": False},
        {"iss": "https://other.example"},
        {"exp": 1, "iat": 0},
    ],
)
async def test_a_token_that_is_not_the_subscriptions_own_is_refused(world: World, changes: dict[str, Any]) -> None:
    assert await world.push(ASHA, token=world.issuer.token(**changes)) == 401
    assert world.handled == []


@pytest.mark.parametrize("token", ["x", "a.b.c", "e30.e30.e30"])
async def test_nonsense_is_no_token(world: World, token: str) -> None:
    assert await world.push(ASHA, token=token) == 401


async def test_a_token_signed_by_somebody_else_is_refused(world: World) -> None:
    assert await world.push(ASHA, token=ISSUERS[1].token()) == 401


async def test_certificates_are_fetched_once(world: World) -> None:
    for _ in range(3):
        assert await world.push(ASHA, token=world.issuer.token(iat=int(time.time()))) == 204
    assert world.fetches == 1
