"""The push protocol between Pub/Sub and the event functions, on a test endpoint."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
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

from common.errors import Busy, Refused, Unavailable
from common.events import Event
from common.pubsub.oidc import PushTokenVerifier
from common.pubsub.push import MAX_BODY_BYTES, CheckReady, Endpoint, decode_as, log_dead_letter, publish_dead_letter
from common.settings import PushSettings
from common.storage.memory import MemoryPublisher

AUDIENCE, IDENTITY, ISSUER = "https://herald/deliver", "push@herald.example", "https://issuer.example"


class GreetingReceived(Event):
    topic: ClassVar[str] = "greetings"
    name: str


class SigningIssuer:
    """Signs tokens like Google, with its own key."""

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


class EndpointFixture:
    """An endpoint, its publisher and a client. `dead_letters`: the endpoint is the one for dead letters."""

    def __init__(
        self, issuer: SigningIssuer, *, dead_letters: bool = False, check_ready: CheckReady | None = None
    ) -> None:
        self.issuer = issuer
        self.handled: list[GreetingReceived] = []
        self.error: Exception | None = None
        self.publisher = MemoryPublisher()
        self.fetches = 0
        settings = PushSettings(audience=AUDIENCE, identity=IDENTITY, issuer=ISSUER)
        endpoint = Endpoint(
            read=decode_as(GreetingReceived),
            handle=self._handle,
            verifier=PushTokenVerifier(settings, fetch_certificates=self._fetch),
            handle_dead_letter=log_dead_letter if dead_letters else partial(publish_dead_letter, self.publisher),
            max_attempts=None if dead_letters else 5,
            check_ready=check_ready,
        )

        async def entry_point(request: Request) -> Response:
            return await endpoint(request)

        app = Starlette(routes=[Route("/", entry_point, methods=["POST"])])
        self._http = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://herald")

    async def _fetch(self) -> Mapping[str, str]:
        self.fetches += 1
        return {self.issuer.key_id: self.issuer.certificate}

    async def _handle(self, event: GreetingReceived) -> None:
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


ISSUERS = [SigningIssuer(), SigningIssuer()]
ASHA = GreetingReceived(name="Asha").encode()


@pytest.fixture
def fixture() -> EndpointFixture:
    return EndpointFixture(ISSUERS[0])


async def test_valid_event_is_handled_and_acknowledged(fixture: EndpointFixture) -> None:
    """A valid event is passed to the handler, and the message is acknowledged."""
    assert await fixture.push(ASHA) == 204
    assert fixture.handled == [GreetingReceived(name="Asha")]


async def test_event_with_unknown_field_is_handled(fixture: EndpointFixture) -> None:
    """Unknown fields are ignored, so old code can read new events."""
    assert await fixture.push(b'{"name": "Asha", "new": 1}') == 204
    assert fixture.handled == [GreetingReceived(name="Asha")]


@pytest.mark.parametrize("data", [b"", b"{", b"{}", b'{"name": 7}', b'{"name": "x", "version": 2}', b"\xff\xfe"])
async def test_malformed_event_is_dead_lettered_at_once(fixture: EndpointFixture, data: bytes) -> None:
    """A malformed event is published to the dead letters with its data and attributes at the first attempt."""
    assert await fixture.push(data) == 204
    assert fixture.handled == []
    [(topic, kept, attributes)] = fixture.publisher.raw
    assert (topic, kept) == ("dead-letters", data)
    assert attributes["subscription"] == "greetings"
    assert attributes["trace"] == "t"
    assert "Not a valid GreetingReceived" in attributes["reason"]


async def test_permanent_error_is_dead_lettered_with_reason(fixture: EndpointFixture) -> None:
    """After a permanent error the message is published to the dead letters, with the reason."""
    fixture.error = Refused("Unknown vendor.")
    assert await fixture.push(ASHA) == 204
    [(_, data, attributes)] = fixture.publisher.raw
    assert (data, attributes["reason"]) == (ASHA, "Unknown vendor.")


async def test_reason_of_a_dead_letter_is_cut_by_bytes(fixture: EndpointFixture) -> None:
    """Pub/Sub allows 1,024 bytes in an attribute; a letter in Hindi has three."""
    fixture.error = Refused("संदेश भेजा नहीं जा सका। " * 50)
    assert await fixture.push(ASHA) == 204
    [(_, _, attributes)] = fixture.publisher.raw
    assert 990 < len(attributes["reason"].encode()) <= 1_000
    assert str(fixture.error).startswith(attributes["reason"])


@pytest.mark.parametrize("error", [Busy(), RuntimeError("a bug")])
async def test_temporary_error_is_answered_with_503(fixture: EndpointFixture, error: Exception) -> None:
    """After any other error Pub/Sub delivers the message again."""
    fixture.error = error
    assert await fixture.push(ASHA, attempt=4) == 503
    assert fixture.publisher.raw == []


async def test_error_at_last_attempt_is_dead_lettered_with_reason(fixture: EndpointFixture) -> None:
    """At the last attempt a temporary error is dead-lettered too, with the reason."""
    fixture.error = Busy("Another instance has it.")
    assert await fixture.push(ASHA, attempt=5) == 204
    [(_, data, attributes)] = fixture.publisher.raw
    assert (data, attributes["reason"]) == (ASHA, "Another instance has it.")


async def test_dead_letter_that_fails_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    """A dead letter that cannot be processed is noted in the log, for the alert, and is not published again."""
    fixture = EndpointFixture(ISSUERS[0], dead_letters=True)
    fixture.error = Refused("Unknown document.")
    assert await fixture.push(ASHA) == 204
    [record] = [one.__dict__ for one in caplog.records if one.__dict__.get("event") == "dead_letter"]
    assert (record["levelname"], record["size"], record["recorded"]) == ("ERROR", len(ASHA), False)
    assert "Asha" not in str(record)
    assert fixture.publisher.raw == []
    fixture.error = Busy()
    assert await fixture.push(ASHA) == 503


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b'{"message": {"data": "", "messageId": "1"}}'])
async def test_body_that_is_not_a_push_request_is_refused(fixture: EndpointFixture, body: bytes) -> None:
    """A body that is not a push request is answered with 422 and not dead-lettered."""
    assert await fixture.post(body) == 422
    assert fixture.publisher.raw == []


async def test_body_over_the_limit_is_refused(fixture: EndpointFixture) -> None:
    """A body over the limit is answered with 413."""
    assert await fixture.post(b" " * (MAX_BODY_BYTES + 1)) == 413


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "https://herald/other"},
        {"email": "someone@herald.example"},
        {"email_verified": False},
        {"iss": "https://other.example"},
        {"exp": 1, "iat": 0},
    ],
)
async def test_token_with_wrong_claim_is_refused(fixture: EndpointFixture, changes: dict[str, Any]) -> None:
    """A token with another audience, identity or issuer, or an expired one, is refused."""
    assert await fixture.push(ASHA, token=fixture.issuer.token(**changes)) == 401
    assert fixture.handled == []


@pytest.mark.parametrize("token", ["x", "a.b.c", "e30.e30.e30"])
async def test_malformed_token_is_refused(fixture: EndpointFixture, token: str) -> None:
    """A malformed token is refused."""
    assert await fixture.push(ASHA, token=token) == 401


async def test_token_with_wrong_signature_is_refused(fixture: EndpointFixture) -> None:
    """A token that another key has signed is refused."""
    assert await fixture.push(ASHA, token=ISSUERS[1].token()) == 401


async def test_certificates_are_fetched_once(fixture: EndpointFixture) -> None:
    """The certificates are fetched for the first token only."""
    for _ in range(3):
        assert await fixture.push(ASHA, token=fixture.issuer.token(iat=int(time.time()))) == 204
    assert fixture.fetches == 1


async def test_message_of_an_instance_that_is_not_ready_stays_in_the_queue() -> None:
    """It is refused, also at its last attempt, and never becomes a dead letter here."""

    async def not_ready() -> None:
        raise Unavailable("Not with this key.")

    fixture = EndpointFixture(ISSUERS[0], check_ready=not_ready)
    assert await fixture.push(ASHA, attempt=5) == 503
    assert (fixture.handled, fixture.publisher.raw) == ([], [])
