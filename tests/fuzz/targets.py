"""What is fuzzed. A target takes an input and may only raise errors that are the caller's fault."""

from __future__ import annotations

import asyncio
import base64
import hmac
import io
import json
import time
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

import httpx
from hypothesis import strategies as st
from pydantic import ValidationError
from standardwebhooks.webhooks import Webhook

from campaigns.composition import CampaignsSettings
from campaigns.composition import compose as compose_campaigns
from common.errors import Invalid, Unauthenticated
from common.events import MessageTemplate
from common.messages.templates import validate_template
from common.pubsub.oidc import PushTokenVerifier
from common.pubsub.push import parse_envelope
from common.rules import parse
from common.settings import PushSettings
from common.storage.memory import MemoryDocuments, MemoryPublisher
from customers.composition import CustomersSettings
from customers.composition import compose as compose_customers
from customers.formats.columns import CUSTOMERS
from customers.formats.csv_table import CsvTable
from customers.formats.json_rows import read_json_array, read_json_lines
from receipts.callbacks.standard_webhooks import StandardWebhooks
from tests.fuzz.decoding import ENCODINGS, ByteReader, decode_encoded, decode_words
from tests.support import ADMIN, SETTINGS, FakeModel, identity_from_token

MAX_TEXT = 400
UNLIMITED = SETTINGS | {"RATE_LIMITS": "person=0,key=0,anonymous=0"}
RULE_WORDS = [
    *("spend", "visits", "city", "email", "attributes.plan", "tags", "last_active_at", "inactive for", "ordered"),
    *("and", "or", "not", "(", ")", ">", "<", "=", "!=", "in", "between", "contains", "is missing", "days", "times"),
    *("10000", "3", "-1", "1e99", "0.1", '"Pune"', "'x'", '"', "'", ",", "in segment", "opened campaign", "everyone"),
    *("today", "2026-11-27", "9999-12-31", "within", "the last", "more than", "%", "\\", "\u202e", "\ud800", "\x00"),
]
TEMPLATE_WORDS = [
    *("{{", "}}", "{%", "%}", "{#", "#}", "name", "first_name", "attributes.plan", "|", "default", "title", "upper"),
    *("if", "else", "endif", "elif", "for", "in", "range(9)", '("there")', "'x'", "*|FNAME|*", "[First Name]", "${x}"),
    *("%FIRSTNAME%", "{{#if x}}", "default: 'x'", "date", "number", "__class__", "(", ")", "*", "10**9", "\ud800", "{"),
]
CSV_WORDS = [
    '"',
    '""',
    ",",
    ";",
    "\t",
    "\n",
    "\r\n",
    "email",
    "name",
    "phone",
    "a@example.com",
    'a","',
    "é",
    "\x00",
    "=1+1",
]
JSON_WORDS = [
    "{",
    "}",
    "[",
    "]",
    '"email"',
    ":",
    ",",
    '"a@b.c"',
    "1e999",
    "NaN",
    "null",
    "true",
    '"\\ud800"',
    "\n",
    "-0",
]
PATHS = (
    *("/api/customers", "/api/customers/search", "/api/activities", "/api/suppressions", "/api/suppressions/lift"),
    *("/api/campaigns", "/api/segments", "/api/segments/preview", "/api/segments/histogram"),
)


def words(dictionary: list[str]) -> st.SearchStrategy[str]:
    """Texts of the words of a language and of anything else, in any order."""
    piece = st.one_of(st.sampled_from(dictionary), st.sampled_from(dictionary), st.text(max_size=8))
    return st.builds(str.join, st.sampled_from(["", " "]), st.lists(piece, max_size=30))


def encoded(dictionary: list[str]) -> st.SearchStrategy[bytes]:
    """The same as bytes, in different encodings, sometimes not in any."""
    text = st.builds(lambda value, name: value.encode(name, "ignore"), words(dictionary), st.sampled_from(ENCODINGS))
    return st.one_of(text, text, st.binary(max_size=MAX_TEXT))


JSON_VALUES: st.SearchStrategy[Any] = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=20), st.sampled_from(RULE_WORDS)),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=8), inner, max_size=4)),
    max_leaves=8,
)
BODY_FIELDS = (
    *("email", "phone", "external_id", "name", "consent", "attributes", "tags", "spend", "event_id", "type", "at"),
    *("text", "rules", "message", "subject", "body", "channel", "vendor", "field", "filter", "search", "sort", "after"),
)
BODY_WORDS = [*BODY_FIELDS, *RULE_WORDS]
SCHEMES = ("Bearer ", "bearer  ", "", "Basic ")
TOKEN_PARTS = ("eyJhbGciOiJub25lIn0", "eyJhbGciOiJIUzI1NiIsImtpZCI6ImsxIn0", "", "=")
BODIES = st.one_of(JSON_VALUES, st.dictionaries(st.sampled_from(BODY_FIELDS), JSON_VALUES, max_size=6))


@dataclass(frozen=True)
class FuzzTarget:
    """A reader of outside text, and the inputs for it: as Hypothesis makes them, and from bytes."""

    inputs: st.SearchStrategy[Any]
    decode: Callable[[bytes], Any]
    read: Callable[[Any], None]


@cache
def _loop() -> asyncio.AbstractEventLoop:
    return asyncio.new_event_loop()


def _run(work: Coroutine[Any, Any, Any]) -> Any:
    return _loop().run_until_complete(work)


def _allow_invalid(read: Callable[[Any], object]) -> Callable[[Any], None]:
    """Errors that tell the caller what is wrong are right answers."""

    def attempt(value: Any) -> None:
        with suppress(Invalid, Unauthenticated):
            read(value)

    return attempt


def _read_template(text: str) -> None:
    with suppress(ValidationError):  # it is no text: the edge of the API says so
        validate_template(MessageTemplate(subject=text[:100], body=text))


def _read_csv(data: bytes) -> None:
    list(CsvTable(io.BytesIO(data), schema=CUSTOMERS, mapping={}, encoding=None).rows())


def _read_ndjson(data: bytes) -> None:
    list(read_json_lines(io.BytesIO(data)))


def _read_array(data: bytes) -> None:
    list(read_json_array(io.BufferedReader(io.BytesIO(data))))


@cache
def _apis() -> tuple[httpx.AsyncClient, httpx.AsyncClient]:
    """The APIs of customers and campaigns, on memory."""
    shared: dict[str, Any] = {
        "publisher": MemoryPublisher(),
        "open_access": MemoryDocuments,
        "verify_id_token": identity_from_token,
    }
    customers = compose_customers(documents=MemoryDocuments(), settings=CustomersSettings(UNLIMITED), **shared)
    campaigns = compose_campaigns(
        documents=MemoryDocuments(), create_model=FakeModel, settings=CampaignsSettings(UNLIMITED), **shared
    )
    first, second = (
        httpx.AsyncClient(
            transport=httpx.ASGITransport(function.app),
            base_url="http://herald",
            headers={"Authorization": f"Bearer {ADMIN}", "Content-Type": "application/json"},
        )
        for function in (customers, campaigns)
    )
    return first, second


def _post_body(request: tuple[str, Any]) -> None:
    path, body = request
    is_for_campaigns = path.startswith(("/api/campaigns", "/api/segments"))
    answer = _run(_apis()[is_for_campaigns].post(path, params={"dry_run": "true"}, content=json.dumps(body)))
    assert answer.status_code < 500, (answer.status_code, answer.text)


def _encoded_json(value: Any) -> str:
    """As a part of a token."""
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def _token_parts() -> st.SearchStrategy[str]:
    part = st.one_of(
        st.builds(_encoded_json, JSON_VALUES),
        st.sampled_from(TOKEN_PARTS),
        st.text(max_size=20),
    )
    joined = st.lists(part, max_size=5).map(".".join)
    return st.builds(lambda scheme, token: f"{scheme}{token}", st.sampled_from(SCHEMES), joined)


def _decode_token(data: bytes) -> str:
    """The same from bytes."""
    reader = ByteReader(data)
    scheme: str = reader.choice(SCHEMES)
    parts: list[str] = []
    while not reader.is_at_end and len(parts) < 5:
        part = reader.choice((_encoded_json, None, None))
        value = reader.json(BODY_WORDS) if part else None
        parts.append(part(value) if part else reader.choice(TOKEN_PARTS) or reader.words(BODY_WORDS, limit=3))
    return f"{scheme}{'.'.join(parts)}"


def _decode_callback(data: bytes) -> tuple[bytes, bool]:
    """A body of JSON, or bytes; every second one is signed rightly."""
    reader = ByteReader(data)
    number = reader.byte()
    body = json.dumps(reader.json(BODY_WORDS)).encode() if number % 4 < 2 else decode_encoded(reader.rest(), JSON_WORDS)
    return body, number % 2 == 0


def _decode_post(data: bytes) -> tuple[str, Any]:
    reader = ByteReader(data)
    return reader.choice(PATHS), reader.json(BODY_WORDS)


async def _no_certificates() -> dict[str, str]:
    return {}


@cache
def _verifier() -> PushTokenVerifier:
    settings = PushSettings(audience="https://f", identity="push@p.iam.gserviceaccount.com")
    return PushTokenVerifier(settings, fetch_certificates=_no_certificates)


def _read_token(authorization: str) -> None:
    with suppress(Unauthenticated):
        _run(_verifier().verify(authorization))
        raise AssertionError("a made-up token was accepted")


WEBHOOK = Webhook(SETTINGS["CALLBACK_SECRET"])


def _read_callback(callback: tuple[bytes, bool]) -> None:
    """Every second callback is signed rightly, so that its body is read."""
    body, is_signed = callback
    now = int(time.time())
    signature = _signature(body, now) if is_signed else "v1,AAAA"
    headers = {"webhook-id": "1", "webhook-timestamp": str(now), "webhook-signature": signature}
    parser = StandardWebhooks(WEBHOOK)
    parser.check_headers(headers)
    parser.parse(body, headers)


def _signature(body: bytes, now: int) -> str:
    """As the scheme defines it, of bytes that need not be text."""
    key = base64.b64decode(SETTINGS["CALLBACK_SECRET"].removeprefix("whsec_"))
    digest = hmac.digest(key, b"1.%d." % now + body, "sha256")
    return f"v1,{base64.b64encode(digest).decode()}"


def _text_target(dictionary: list[str], read: Callable[[str], object]) -> FuzzTarget:
    decode = partial(decode_words, dictionary=dictionary)
    return FuzzTarget(words(dictionary), decode, _allow_invalid(read))


def _bytes_target(dictionary: list[str], read: Callable[[bytes], object], prefix: bytes = b"") -> FuzzTarget:
    inputs = encoded(dictionary).map(lambda data: prefix + data)
    return FuzzTarget(inputs, lambda data: prefix + decode_encoded(data, dictionary), _allow_invalid(read))


_CALLBACK_BODIES = st.one_of(encoded(JSON_WORDS), BODIES.map(lambda body: json.dumps(body).encode()))
TARGETS: dict[str, FuzzTarget] = {
    "rules": _text_target(RULE_WORDS, parse),
    "templates": _text_target(TEMPLATE_WORDS, _read_template),
    "CSV": _bytes_target(CSV_WORDS, _read_csv),
    "NDJSON": _bytes_target(JSON_WORDS, _read_ndjson),
    "JSON arrays": _bytes_target(JSON_WORDS, _read_array, prefix=b"["),
    "JSON bodies": FuzzTarget(st.tuples(st.sampled_from(PATHS), BODIES), _decode_post, _post_body),
    "tokens": FuzzTarget(_token_parts(), _decode_token, _read_token),
    "push envelopes": _bytes_target(JSON_WORDS, parse_envelope),
    "callbacks": FuzzTarget(
        st.tuples(_CALLBACK_BODIES, st.booleans()), _decode_callback, _allow_invalid(_read_callback)
    ),
}
