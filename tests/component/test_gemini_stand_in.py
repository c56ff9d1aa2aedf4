"""The Gemini stand-in, as the real SDK meets it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from aiohttp.test_utils import TestServer
from google.genai import Client, errors
from google.genai.types import HttpOptions

from common.llm.grounding import unfounded
from local.gemini.behaviour import Control
from local.gemini.protocol import application

MODEL = "gemini-3.5-flash-lite"
MESSAGE = {"subject": "Something for you", "body": "Hi {{ first_name }},\n\n15% off with WELCOME15 until Sunday."}
PEOPLE = [
    {"id": "1", "fields": {"name": "Asha Rao", "first_name": "Asha", "city": "Pune", "visits": 1}},
    {"id": "2", "fields": {"name": "Omar Khan", "first_name": "Omar", "city": "Kochi", "visits": 40}},
    {"id": "3", "fields": {}},
]
TEXT = {"type": "string"}
TEXTS = {
    "type": "object",
    "properties": {
        "messages": {"type": "array", "items": {"type": "object", "properties": {"id": TEXT, "subject": TEXT}}}
    },
}
STATISTICS = {"audience": 600, "sent": 541, "failed": 50, "skipped": 9, "skipped_reasons": {"no_consent": 9}}
# The SDK's own, where aiohttp is installed.
pytestmark = pytest.mark.filterwarnings("ignore:Inheritance class AiohttpClientSession:DeprecationWarning")


@pytest.fixture
async def server() -> AsyncIterator[str]:
    async with TestServer(application(Control())) as server:
        yield str(server.make_url("/")).rstrip("/")


async def ask(server: str, data: Any, schema: dict[str, Any] | None = None) -> Any:
    client = Client(api_key="any", http_options=HttpOptions(base_url=server, timeout=10_000))
    try:
        return await client.aio.models.generate_content(
            model=MODEL,
            contents=json.dumps(data),
            config={
                "system_instruction": "Write.",
                "response_mime_type": "application/json",
                "response_json_schema": schema or TEXTS,
            },
        )
    finally:
        await client.aio.aclose()


async def people(server: str) -> list[dict[str, str]]:
    answer = await ask(server, {"message": MESSAGE, "people": PEOPLE})
    texts: list[dict[str, str]] = json.loads(answer.text)["messages"]
    return texts


async def control(server: str, method: str = "GET", **behaviour: Any) -> Any:
    async with httpx.AsyncClient() as client:
        return (await client.request(method, f"{server}/control", json=behaviour or None)).json()


async def test_everyone_gets_a_text_of_their_own(server: str) -> None:
    """With their name and city, the same each time, and with nothing promised that the message does not promise."""
    texts = await people(server)
    assert [text["id"] for text in texts] == ["1", "2", "3"]
    assert "Asha" in texts[0]["body"]
    assert "Kochi" in texts[1]["body"]
    assert "Asha" not in texts[1]["body"]
    assert texts == await people(server)
    for text, person in zip(texts, PEOPLE, strict=True):
        assert "{{" not in text["body"]
        assert unfounded(f"{text['subject']} {text['body']}", source=json.dumps([MESSAGE, person])) is None


async def test_summary_uses_only_given_numbers(server: str) -> None:
    answer = await ask(server, {"statistics": STATISTICS, "campaign": {"name": "Welcome back"}})
    text = json.loads(answer.text)["text"]
    assert "541 were sent" in text
    assert "no consent (9)" in text
    assert unfounded(text, source=json.dumps(STATISTICS)) is None


async def test_anything_else_fits_the_schema(server: str) -> None:
    schema = {
        "type": "object",
        "properties": {
            "op": {"enum": ["and", "or"]},
            "of": {"type": "array", "items": {"$ref": "#/$defs/part"}, "minItems": 2},
            "sure": {"type": "boolean"},
        },
        "$defs": {"part": {"type": "object", "properties": {"value": {"type": "number", "minimum": 3}}}},
    }
    answer = await ask(server, {"goal": "win back"}, schema)
    assert json.loads(answer.text) == {"op": "and", "of": [{"value": 3}, {"value": 3}], "sure": False}


async def test_usage_is_counted(server: str) -> None:
    answer = await ask(server, {"message": MESSAGE, "people": PEOPLE})
    counts = await control(server)
    assert (counts["calls"], counts["people"]) == (1, 3)
    assert counts["prompt_tokens"] == answer.usage_metadata.prompt_token_count > 0
    assert counts["answer_tokens"] == answer.usage_metadata.candidates_token_count > 0
    assert answer.model_version == MODEL
    assert (await control(server, "DELETE"))["calls"] == 0


@pytest.mark.parametrize(
    ("mode", "status", "name"), [("refuse", 429, "RESOURCE_EXHAUSTED"), ("unavailable", 503, "UNAVAILABLE")]
)
async def test_refusals_look_like_geminis(server: str, mode: str, status: int, name: str) -> None:
    await control(server, "POST", mode=mode)
    with pytest.raises(errors.APIError) as refusal:
        await people(server)
    assert (refusal.value.code, refusal.value.status) == (status, name)


@pytest.mark.parametrize("mode", ["empty", "blocked"])
async def test_no_text(server: str, mode: str) -> None:
    await control(server, "POST", mode=mode)
    answer = await ask(server, {"message": MESSAGE, "people": PEOPLE})
    assert not answer.text
    assert bool(answer.prompt_feedback) == (mode == "blocked")


async def test_nonsense_is_no_json(server: str) -> None:
    await control(server, "POST", mode="nonsense")
    answer = await ask(server, {"message": MESSAGE, "people": PEOPLE})
    with pytest.raises(json.JSONDecodeError):
        json.loads(answer.text)


async def test_wrong_ids_and_promises(server: str) -> None:
    await control(server, "POST", mode="wrong_ids")
    assert not {text["id"] for text in await people(server)} & {"1", "2", "3"}
    await control(server, "POST", mode="promises")
    assert all(unfounded(text["body"], source=json.dumps(MESSAGE)) for text in await people(server))


async def test_share_is_exact(server: str) -> None:
    """Of ten calls with a share of 0.3, three are refused and seven are served."""
    await control(server, "POST", mode="refuse", share=0.3)
    refused = 0
    for _ in range(10):
        try:
            await people(server)
        except errors.APIError:
            refused += 1
    assert refused == 3
    assert (await control(server))["modes"] == {"ok": 7, "refuse": 3}


async def test_slow(server: str) -> None:
    await control(server, "POST", mode="slow", seconds=30)
    client = Client(api_key="any", http_options=HttpOptions(base_url=server, timeout=200))
    with pytest.raises(Exception, match=r"(?i)time|^$"):
        await client.aio.models.generate_content(model=MODEL, contents="{}")
    await client.aio.aclose()


async def test_bad_requests(server: str) -> None:
    """No key, no contents, no such model, no such mode."""
    async with httpx.AsyncClient(base_url=server) as client:
        path = f"/v1beta/models/{MODEL}:generateContent"
        key = {"x-goog-api-key": "any"}
        assert (await client.post(path, json={"contents": [{}]})).status_code == 403
        assert (await client.post(path, json={}, headers=key)).status_code == 400
        assert (await client.post(path, content=b"{", headers=key)).status_code == 400
        assert (await client.post("/v1/models/nobody:generateContent", json={}, headers=key)).status_code == 404
        assert (await client.post("/control", json={"mode": "angry"})).status_code == 400
