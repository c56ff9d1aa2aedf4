"""The Gemini stand-in, called by the real SDK."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

import httpx
import pytest
from aiohttp.test_utils import TestServer
from google.genai import Client, errors
from google.genai.types import HttpOptions

from local.gemini.behaviour import GeminiControl
from local.gemini.protocol import application

MODEL = "gemini-3.5-flash-lite"
MESSAGE = {"subject": "Something for you", "body": "Hi ⟦first_name⟧,\n\nhere is ⟦offer⟧ with ⟦code⟧ ⟦until⟧."}
SLOTS = ("⟦first_name⟧", "⟦offer⟧", "⟦code⟧", "⟦until⟧")
PEOPLE = [
    {"id": "1", "traits": ["is a new customer"]},
    {"id": "2", "traits": ["comes by often"]},
    {"id": "3", "traits": []},
]
TEXT = {"type": "string"}
TEXTS = {
    "type": "object",
    "properties": {
        "messages": {"type": "array", "items": {"type": "object", "properties": {"id": TEXT, "subject": TEXT}}}
    },
}
SUMMARY_SLOTS = {
    "outcome": {"audience": "600 people in the audience", "sent": "541 sent messages"},
    "next": {"do_retry": "retry the failed messages"},
}
# The SDK causes this warning itself, if aiohttp is installed.
pytestmark = pytest.mark.filterwarnings("ignore:Inheritance class AiohttpClientSession:DeprecationWarning")


@pytest.fixture
async def server() -> AsyncIterator[str]:
    async with TestServer(application(GeminiControl())) as server:
        yield str(server.make_url("/")).rstrip("/")


class FixedWriter:
    """Writes one text for everybody, and one sentence for each place."""

    async def texts(
        self, message: Mapping[str, str], people: Sequence[Mapping[str, Any]], *, seed: int = 0
    ) -> list[dict[str, str]]:
        return [{"id": str(person["id"]), "subject": message["subject"], "body": f"seed {seed}"} for person in people]

    async def sentences(
        self, message: Mapping[str, str], wanted: Mapping[str, int], *, seed: int = 0
    ) -> list[dict[str, Any]]:
        return [{"place": place, "traits": [], "text": f"seed {seed}"} for place in wanted]


async def test_model_may_write_instead() -> None:
    """The texts of people and the sentences are the writer's; everything else is still the stand-in's."""
    async with TestServer(application(GeminiControl(), FixedWriter())) as server:
        url = str(server.make_url("/")).rstrip("/")
        texts = json.loads((await ask(url, {"message": MESSAGE, "people": PEOPLE})).text)["messages"]
        proposed = await ask(url, {"message": MESSAGE, "wanted": {"opening": 2, "closing": 1}})
        answer = await ask(url, {"slots": SUMMARY_SLOTS, "must": ["sent"], "language": "English"})
    assert json.loads(proposed.text)["proposed"] == [
        {"place": "opening", "traits": [], "text": "seed 0"},
        {"place": "closing", "traits": [], "text": "seed 0"},
    ]
    assert [(text["id"], text["body"]) for text in texts] == [("1", "seed 0"), ("2", "seed 0"), ("3", "seed 0")]
    assert [claim["topic"] for claim in json.loads(answer.text)["claims"]] == ["outcome", "next"]


async def ask(server: str, data: Any, schema: dict[str, Any] | None = None) -> Any:
    """The stand-in's response to a request with `data`."""
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


async def test_texts_are_personal_and_keep_the_slots(server: str) -> None:
    """Each text fits the traits, has every slot once, and is the same each time."""
    texts = await people(server)
    assert [text["id"] for text in texts] == ["1", "2", "3"]
    assert len({text["body"] for text in texts}) == 3
    assert texts == await people(server)
    for text in texts:
        assert [text["body"].count(slot) for slot in SLOTS] == [1, 1, 1, 1]
        assert text["subject"] == MESSAGE["subject"]


async def test_summary_is_made_of_the_slots_of_the_request(server: str) -> None:
    """Each topic is a claim with all of its slots, and without a number of its own."""
    answer = await ask(server, {"slots": SUMMARY_SLOTS, "must": ["sent"], "language": "English"})
    claims = json.loads(answer.text)["claims"]
    assert [claim["topic"] for claim in claims] == ["outcome", "next"]
    assert [claim["text"].count("⟦") for claim in claims] == [3, 1]
    assert not any(letter.isdigit() for claim in claims for letter in claim["text"])


async def test_answer_to_another_request_fits_the_schema(server: str) -> None:
    """The answer is built from the requested JSON schema."""
    schema = {
        "type": "object",
        "properties": {
            "op": {"enum": ["and", "or"]},
            "of": {"type": "array", "items": {"$ref": "#/$defs/part"}, "minItems": 2},
            "sure": {"type": "boolean"},
        },
        "$defs": {"part": {"type": "object", "properties": {"value": {"type": "number", "minimum": 3}}}},
    }
    answer = await ask(server, {"question": "win back"}, schema)
    assert json.loads(answer.text) == {"op": "and", "of": [{"value": 3}, {"value": 3}], "sure": False}


async def test_usage_of_a_call_is_counted(server: str) -> None:
    """The response and `/control` have the same numbers of tokens."""
    answer = await ask(server, {"message": MESSAGE, "people": PEOPLE})
    counts = await control(server)
    assert (counts["calls"], counts["people"]) == (1, 3)
    assert counts["prompt_tokens"] == answer.usage_metadata.prompt_token_count > 0
    assert counts["answer_tokens"] == answer.usage_metadata.candidates_token_count > 0
    assert answer.model_version == MODEL
    assert (await control(server, "DELETE"))["calls"] == 0


@pytest.mark.parametrize(
    ("mode", "status", "name"), [("quota", 429, "RESOURCE_EXHAUSTED"), ("unavailable", 503, "UNAVAILABLE")]
)
async def test_refusal_has_geminis_status(server: str, mode: str, status: int, name: str) -> None:
    """The SDK raises the same errors as for the real service."""
    await control(server, "POST", mode=mode)
    with pytest.raises(errors.APIError) as refusal:
        await people(server)
    assert (refusal.value.code, refusal.value.status) == (status, name)


@pytest.mark.parametrize("mode", ["empty", "blocked"])
async def test_answer_in_mode_empty_or_blocked_has_no_text(server: str, mode: str) -> None:
    """A blocked answer has the feedback of the safety filters."""
    await control(server, "POST", mode=mode)
    answer = await ask(server, {"message": MESSAGE, "people": PEOPLE})
    assert not answer.text
    assert bool(answer.prompt_feedback) == (mode == "blocked")


async def test_answer_in_mode_nonsense_is_not_json(server: str) -> None:
    """The text cannot be parsed."""
    await control(server, "POST", mode="nonsense")
    answer = await ask(server, {"message": MESSAGE, "people": PEOPLE})
    with pytest.raises(json.JSONDecodeError):
        json.loads(answer.text)


async def test_answer_in_mode_wrong_ids_or_promises_violates_the_request(server: str) -> None:
    """The ids are unknown, or the texts have promises that the message does not have."""
    await control(server, "POST", mode="wrong_ids")
    assert not {text["id"] for text in await people(server)} & {"1", "2", "3"}
    await control(server, "POST", mode="promises")
    assert all("75%" in text["body"] and "MEGA75" in text["body"] for text in await people(server))


@pytest.mark.parametrize(
    ("mode", "sign"),
    [("words", "on the house"), ("chatty", "Here is your message"), ("leaks", "Rahul"), ("obeys", "comes by often")],
)
async def test_answer_in_a_misbehaving_mode_has_what_the_mode_says(server: str, mode: str, sign: str) -> None:
    """It promises in words, chats, speaks of others, or says what stands in the data of another person."""
    await control(server, "POST", mode=mode)
    assert any(sign in text["body"] for text in await people(server))


async def test_mode_with_a_share_applies_to_exactly_that_share(server: str) -> None:
    """Of ten calls with a share of 0.3, three are refused and seven are served."""
    await control(server, "POST", mode="quota", share=0.3)
    refused = 0
    for _ in range(10):
        try:
            await people(server)
        except errors.APIError:
            refused += 1
    assert refused == 3
    assert (await control(server))["modes"] == {"ok": 7, "quota": 3}


async def test_answer_in_mode_late_exceeds_the_clients_timeout(server: str) -> None:
    """The SDK raises an error after its timeout."""
    await control(server, "POST", mode="late", seconds=30)
    client = Client(api_key="any", http_options=HttpOptions(base_url=server, timeout=200))
    with pytest.raises(Exception, match=r"(?i)time|^$"):
        await client.aio.models.generate_content(model=MODEL, contents="{}")
    await client.aio.aclose()


async def test_invalid_request_is_refused(server: str) -> None:
    """The key, the contents, the model or the mode is missing or invalid."""
    async with httpx.AsyncClient(base_url=server) as client:
        path = f"/v1beta/models/{MODEL}:generateContent"
        key = {"x-goog-api-key": "any"}
        assert (await client.post(path, json={"contents": [{}]})).status_code == 403
        assert (await client.post(path, json={}, headers=key)).status_code == 400
        assert (await client.post(path, content=b"{", headers=key)).status_code == 400
        assert (await client.post("/v1/models/nobody:generateContent", json={}, headers=key)).status_code == 404
        assert (await client.post("/control", json={"mode": "angry"})).status_code == 400
