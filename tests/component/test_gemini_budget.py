"""The caps of Gemini's calls: when one is reached, the others get the template, and the campaign's page says so."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from common.errors import Unavailable
from common.events import MessageReady, MessageTemplate, RecipientSelected, WritingStyle
from common.ids import message_id
from common.llm.language_model import ModelResponse, Prompt
from common.llm.usage import GeminiUsage, TokenUsage
from common.storage.documents import Create, Write
from common.storage.memory import MemoryDocuments, MemoryPublisher
from personalization.composition import PersonalizationSettings, compose
from personalization.personalizer import Personalizer
from tests.component.test_api_campaigns import CampaignsApiFixture
from tests.support import SETTINGS

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
TEMPLATE = MessageTemplate(subject="For you", body="Dear {{ name }}, it is good to have you around here.")


class CountingModel:
    """Writes the message again, and counts."""

    def __init__(self) -> None:
        self.calls = 0

    async def generate(self, prompt: Prompt) -> ModelResponse:
        self.calls += 1
        texts = [{"id": one["id"], **prompt.data["message"]} for one in prompt.data["people"]]
        return ModelResponse(content={"messages": texts}, input_tokens=1_000, output_tokens=100)


class Instances:
    """Instances of the function with one database and one clock."""

    def __init__(self, **settings: str) -> None:
        self.documents, self.publisher, self.model = MemoryDocuments(), MemoryPublisher(), CountingModel()
        self.now, self.seconds = NOW, 0.0
        self._settings = PersonalizationSettings(SETTINGS | settings)

    def start(self) -> Personalizer:
        ports: dict[str, Any] = {"documents": self.documents, "publisher": self.publisher, "model": self.model}
        clocks: dict[str, Any] = {"clock": lambda: self.now, "monotonic": lambda: self.seconds}
        return compose(**ports, **clocks, settings=self._settings, linger=0).personalizer

    async def write(self, personalizer: Personalizer, number: int, *, campaign: str = "c", **style: Any) -> str:
        """What one person gets: `gemini`, or the name of the reason why not."""
        await personalizer.personalize(
            RecipientSelected(
                message_id=message_id(campaign, str(number)),
                campaign_id=campaign,
                customer_id=str(number),
                to="a@example.com",
                fields={"name": "Asha Rao"},
                message=TEMPLATE,
                channel="email",
                vendor="simulator",
                personalization="gemini",
                style=WritingStyle(**style),
            )
        )
        ready = self.publisher.events[-1]
        assert isinstance(ready, MessageReady)
        return (ready.fallback or ready.personalized_by).partition(":")[0]

    async def used(self, scope: str) -> TokenUsage:
        return await GeminiUsage(self.documents, instance="any").get(scope)


async def test_campaign_beyond_its_cap_gets_the_template() -> None:
    """Another campaign is not concerned; nobody is left without a message."""
    herald = Instances()
    instance = herald.start()
    assert [await herald.write(instance, n, max_calls=2) for n in range(4)] == ["gemini", "gemini", "budget", "budget"]
    assert await herald.write(instance, 1, campaign="other", max_calls=2) == "gemini"
    assert herald.model.calls == 3


async def test_cap_holds_for_all_instances_together() -> None:
    """An instance that starts later sees what the others used; one that runs sees it after some seconds."""
    herald = Instances()
    first, second = herald.start(), herald.start()
    assert await herald.write(second, 0, max_calls=3) == "gemini"
    assert [await herald.write(first, n, max_calls=3) for n in (1, 2)] == ["gemini", "gemini"]
    herald.seconds += 5
    assert await herald.write(second, 3, max_calls=3) == "budget"
    assert await herald.write(herald.start(), 4, max_calls=3) == "budget"


async def test_cap_of_the_day_holds_for_all_campaigns_and_ends_with_it() -> None:
    """The next day Gemini writes again."""
    herald = Instances(GEMINI_CALLS_PER_DAY="2")
    instance = herald.start()
    assert [await herald.write(instance, 1, campaign=name) for name in "abc"] == ["gemini", "gemini", "budget"]
    herald.now += timedelta(days=1)
    assert await herald.write(instance, 2, campaign="c") == "gemini"


async def test_calls_and_tokens_are_counted_for_the_campaign_and_the_day() -> None:
    """Concurrent calls, too; without any cap."""
    herald = Instances()
    instance = herald.start()
    campaigns = [f"c{n % 2}" for n in range(6)]
    await asyncio.gather(*(herald.write(instance, n, campaign=name) for n, name in enumerate(campaigns)))
    both = await herald.used("c0") + await herald.used("c1")
    assert both == await herald.used("day-20261127")
    assert both == TokenUsage(
        calls=herald.model.calls, input_tokens=1_000 * herald.model.calls, output_tokens=100 * herald.model.calls
    )


async def test_message_does_not_wait_for_a_number_that_cannot_be_stored() -> None:
    """The text is written and published; the log has what is missing."""

    class RefusingStore(MemoryDocuments):
        """Stores no usage."""

        async def commit(self, writes: Sequence[Write]) -> None:
            if any(write.path.startswith("gemini_usage/") for write in writes):
                raise Unavailable("down")
            await super().commit(writes)

    herald = Instances()
    herald.documents = RefusingStore()
    assert await herald.write(herald.start(), 1) == "gemini"


async def test_page_of_a_campaign_has_its_calls_tokens_and_cost() -> None:
    """In the deployment's currency, with the campaign's cap."""
    api = CampaignsApiFixture()
    await api.customers()
    campaign = (await api.campaign(text="everyone", style={"max_calls": 7})).json()["id"]
    await GeminiUsage(api.documents, instance="x").add(
        {campaign: TokenUsage(calls=5, input_tokens=1_000_000, output_tokens=100_000)}
    )
    await api.documents.commit([Create("claims/m", {"campaign": campaign, "personalized_by": "gemini"})])
    found = (await api.call("GET", f"/api/campaigns/{campaign}/fallbacks")).json()
    assert (found["by_gemini"], found["used"]) == (
        1,
        {
            "calls": 5,
            "input_tokens": 1_000_000,
            "output_tokens": 100_000,
            "cost": 49.5,
            "currency": "INR",
            "max_calls": 7,
        },
    )
