"""The adapter and the personalization function with the real SDK, against the stand-in."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from typing import ClassVar

import httpx
import pytest
from aiohttp.test_utils import TestServer

from common.errors import Unavailable
from common.events import MessageReady, MessageTemplate, RecipientSelected
from common.ids import message_id
from common.llm.gemini import Gemini
from common.llm.language_model import Prompt
from common.llm.quota import FIRST_PAUSE, LONGEST_PAUSE, LONGEST_WAIT, QuotaPause, retry_delay
from common.settings import CloudSettings, GeminiSettings
from common.storage.memory import MemoryDocuments, MemoryPublisher
from common.writing.tasks import fallback_name
from local.gemini.behaviour import GeminiBehaviour, GeminiControl, GeminiMode
from local.gemini.protocol import application
from personalization.composition import PersonalizationSettings, compose
from tests.support import SETTINGS

# The SDK causes this warning itself, if aiohttp is installed.
pytestmark = pytest.mark.filterwarnings("ignore:Inheritance class AiohttpClientSession:DeprecationWarning")
PROMPT = Prompt(
    instructions="Write.", data={"words": "people who spent over 100", "fields": []}, schema={"type": "object"}
)
CLOUD = CloudSettings.read({"GOOGLE_CLOUD_PROJECT": "demo"})


class FakeTime:
    """A clock that sleeping moves."""

    def __init__(self) -> None:
        self.now = 100.0
        self.slept: list[float] = []

    def monotonic(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


@pytest.fixture
def control() -> GeminiControl:
    return GeminiControl()


@pytest.fixture
async def url(control: GeminiControl) -> AsyncIterator[str]:
    async with TestServer(application(control)) as server:
        yield str(server.make_url("/")).rstrip("/")


def settings(url: str, **changes: str) -> GeminiSettings:
    return GeminiSettings.read({"GEMINI_API_KEY": "key", "GEMINI_BASE_URL": url, **changes})


def adapter(url: str, time: FakeTime, **changes: str) -> Gemini:
    return Gemini(settings(url, **changes), CLOUD, monotonic=time.monotonic, sleep=time.sleep)


async def test_quota_pauses_the_whole_instance(url: str, control: GeminiControl) -> None:
    """A refused call waits once; while the pause is long, no call reaches Gemini; after it they do."""
    time = FakeTime()
    gemini = adapter(url, time)
    control.configure(GeminiBehaviour(mode="quota"))
    for _ in range(2):
        with pytest.raises(Unavailable, match="429"):
            await gemini.generate(PROMPT)
    assert time.slept[0] == FIRST_PAUSE
    calls = control.counts.calls
    with pytest.raises(Unavailable, match="it is asked again in"):
        await gemini.generate(PROMPT)
    assert control.counts.calls == calls
    control.configure(GeminiBehaviour())
    time.now += LONGEST_PAUSE
    assert (await gemini.generate(PROMPT)).content


async def test_no_call_outlives_its_deadline(url: str, control: GeminiControl) -> None:
    """Neither one that is not answered nor its retry."""
    control.configure(GeminiBehaviour(mode="late", seconds=30))
    gemini = adapter(url, FakeTime(), GEMINI_TIMEOUT_SECONDS="0.1")
    started = asyncio.get_running_loop().time()
    with pytest.raises(Unavailable):
        await gemini.generate(PROMPT)
    assert asyncio.get_running_loop().time() - started < 6


async def test_options_reach_the_service(url: str, control: GeminiControl) -> None:
    """Output limit, seed, thinking, safety and the tier are in the request."""
    async with httpx.AsyncClient() as client:
        for tier in ("standard", "flex"):
            await adapter(url, FakeTime(), GEMINI_SERVICE_TIER=tier).generate(PROMPT)
        requests = (await client.get(f"{url}/control")).json()["last_options"]
    assert requests["generationConfig"]["maxOutputTokens"] == 8192
    assert requests["generationConfig"]["seed"] == 7
    assert requests["generationConfig"]["thinkingConfig"] == {"thinking_level": "MINIMAL"}
    assert len(requests["safetySettings"]) == 4
    assert requests["serviceTier"] == "flex"


class ApiErrorLike:
    """An error with the details of Google's."""

    details: ClassVar = {"error": {"details": [{"@type": "x"}, {"retryDelay": "7.5s"}]}}


def test_quota_pause_takes_googles_word() -> None:
    """Without it, each refusal doubles the pause."""
    time = FakeTime()
    assert retry_delay(ApiErrorLike()) == 7.5
    assert retry_delay(ValueError()) is None
    pause = QuotaPause(time.monotonic)
    assert [pause.start(ValueError()) for _ in range(8)] == [1, 2, 4, 8, 16, 32, 60, 60]
    with pytest.raises(Unavailable):
        pause.seconds_to_wait()
    time.now += LONGEST_PAUSE - LONGEST_WAIT
    assert 0 < pause.seconds_to_wait() <= LONGEST_WAIT
    pause.end()
    assert pause.start(ValueError()) == FIRST_PAUSE


MODES: tuple[GeminiMode, ...] = (
    *("ok", "obeys", "leaks", "words", "chatty", "promises", "wrong_ids"),
    *("late", "quota", "blocked", "nonsense", "empty", "unavailable"),
)
MESSAGE = MessageTemplate(
    subject="Something for you, {{ first_name }}",
    body="Hi {{ first_name }},\n\nhere is 15% off your next order, with the code WELCOME15, until Sunday. Bye!",
)


async def test_model_that_fails_in_every_way_during_one_campaign(url: str, control: GeminiControl) -> None:
    """Everybody gets a right message, and the reasons are counted."""
    publisher = MemoryPublisher()
    personalizer = compose(
        documents=MemoryDocuments(),
        publisher=publisher,
        model=adapter(url, FakeTime(), GEMINI_TIMEOUT_SECONDS="4"),
        settings=PersonalizationSettings(SETTINGS),
        linger=0.01,
    ).personalizer
    for mode in MODES:
        seconds = 6.0 if mode == "late" else 0.0
        control.configure(GeminiBehaviour(mode=mode, seconds=seconds))
        people = [_recipient(f"{mode}-{number}") for number in range(10)]
        await asyncio.gather(*(personalizer.personalize(person) for person in people))
    messages = [event for event in publisher.events if isinstance(event, MessageReady)]
    assert len(messages) == 10 * len(MODES)
    for message in messages:
        text = f"{message.subject}\n{message.body}"
        assert [text.count(fact) for fact in ("15% off", "WELCOME15", "until Sunday")] == [1, 1, 1]
        assert "Asha" in text
        assert not {"Rahul", "house", "Here is your message", "MEGA75"} & set(text.replace(",", " ").split())
    reasons = Counter(fallback_name(message.fallback or "none") for message in messages)
    assert reasons["none"] >= 20  # "ok", and "obeys", which finds nothing to obey; of others, most texts are mended
    assert reasons["unavailable"] >= 50
    assert reasons["missing"] == 10
    assert reasons["link"] == 10  # a text with a link that nobody gave is not mended


def _recipient(customer: str) -> RecipientSelected:
    return RecipientSelected(
        message_id=message_id("c", customer),
        campaign_id="c",
        customer_id=customer,
        name="Asha Rao",
        to="a@example.com",
        fields={"name": "Asha Rao", "first_name": "Asha"},
        message=MESSAGE,
        channel="email",
        vendor="simulator",
        personalization="gemini",
    )
