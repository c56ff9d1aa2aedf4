"""Model Armor as a second net: what it matches is not sent, and the setting decides when it is not there."""

from __future__ import annotations

from typing import Any, get_args

import pytest
from aiohttp.test_utils import TestServer
from requests import Session

from common.errors import Misconfigured
from common.events import MessageReady
from common.llm.language_model import ModelResponse, Prompt
from common.llm.model_armor import ModelArmor, ModelArmorSettings, safety_net
from common.llm.safety_net import NO_NET
from common.llm.usage import GeminiUsage
from common.messages.campaign_state import CampaignStates
from common.messages.deferred import DeferredMessages
from common.storage.memory import MemoryDocuments, MemoryPublisher
from local.gemini.people import personalized_texts
from local.model_armor import MATCHED, ArmorMode, armor_application
from personalization.budget import GeminiBudget
from personalization.personalizer import Personalizer
from tests.component.test_shared_texts import recipient

TIMEOUT = 0.3  # seconds
TEMPLATE = "projects/shop/locations/europe-west1/templates/texts"


async def objection(text: str, mode: ArmorMode, on_error: str = "refuse") -> str | None:
    """What the adapter says about a text, with the stand-in in a mode."""
    seen: list[str] = []
    settings = ModelArmorSettings.read({"MODEL_ARMOR_TEMPLATE": TEMPLATE, "MODEL_ARMOR_ON_ERROR": on_error})
    async with TestServer(armor_application(mode, seen)) as server:
        net = ModelArmor(
            settings, base_url=str(server.make_url("/")).rstrip("/"), create_session=Session, timeout=TIMEOUT
        )
        found = await net.objection(text)
    assert seen == [text]
    return found


async def test_text_that_it_matches_is_refused() -> None:
    """The names of the filters are in the reason."""
    assert await objection("A kind text.", "works") is None
    assert await objection(f"A text with {MATCHED}.", "works") == "Model Armor matched rai."
    assert await objection(f"A text with {MATCHED}.", "partial", "accept") == "Model Armor matched rai."


@pytest.mark.parametrize("mode", sorted(set(get_args(ArmorMode)) - {"works"}))
async def test_setting_decides_when_it_gives_no_answer(mode: ArmorMode) -> None:
    """An error, an answer of another shape, filters that could not run, and an answer that does not come or not end."""
    refused = await objection("A kind text.", mode, "refuse")
    assert refused is not None
    assert refused.startswith("Model Armor gave no answer")
    assert await objection("A kind text.", mode, "accept") is None


async def test_service_that_is_not_there_is_an_error() -> None:
    """Nobody listens at the address."""
    settings = ModelArmorSettings.read({"MODEL_ARMOR_TEMPLATE": TEMPLATE})
    net = ModelArmor(settings, base_url="http://127.0.0.1:1", create_session=Session)
    assert await net.objection("A kind text.") == "Model Armor gave no answer (ConnectionError)."


def test_it_is_off_without_a_template() -> None:
    """A template of another form is refused at the start."""
    assert safety_net({}) is NO_NET
    assert isinstance(safety_net({"MODEL_ARMOR_TEMPLATE": TEMPLATE}), ModelArmor)
    with pytest.raises(Misconfigured, match="MODEL_ARMOR_TEMPLATE"):
        safety_net({"MODEL_ARMOR_TEMPLATE": "texts"})


class Net:
    """Objects to every second text."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    async def objection(self, text: str) -> str | None:
        self.seen.append(text)
        return "Model Armor matched rai." if len(self.seen) % 2 else None


class Writer:
    async def generate(self, prompt: Prompt) -> ModelResponse:
        return ModelResponse(content={"messages": personalized_texts(prompt.data["message"], prompt.data["people"])})


def personalizer_with(net: Net, publisher: MemoryPublisher) -> Personalizer:
    documents = MemoryDocuments()
    return Personalizer(
        model=Writer(),
        publisher=publisher,
        documents=documents,
        campaign_states=CampaignStates(documents),
        deferred=DeferredMessages(documents, publisher),
        budget=GeminiBudget(GeminiUsage(documents, instance="one"), calls_per_day=None),
        net=net,
        linger=0.01,
    )


async def test_person_whose_text_is_refused_gets_the_template() -> None:
    """Gemini is not asked again. The service gets the text with its slots: no name or value of anybody."""
    net, publisher = Net(), MemoryPublisher()
    personalizer = personalizer_with(net, publisher)
    people = [recipient(number, None) for number in range(2)]
    for person in people:
        await personalizer.personalize(person)
    messages: list[Any] = [event for event in publisher.events if isinstance(event, MessageReady)]
    assert [message.personalized_by for message in messages] == ["template", "gemini"]
    assert messages[0].fallback == "model_armor: Model Armor matched rai."
    assert len(net.seen) == 2
    assert all("⟦first_name⟧" in text and "Rao" not in text for text in net.seen)


async def test_texts_that_people_share_are_looked_at_too() -> None:
    """Each once, before anybody gets it; what the service matches is nobody's text."""
    net, publisher = Net(), MemoryPublisher()
    personalizer = personalizer_with(net, publisher)
    for number in range(6):
        await personalizer.personalize(recipient(number, 2))
    messages = [event for event in publisher.events if isinstance(event, MessageReady)]
    assert len(messages) == 6
    assert len(net.seen) == 2
    assert {message.personalized_by for message in messages} == {"gemini"}
    matched = net.seen[0].partition("\n\n")[2].partition("⟦first_name⟧")[2].strip()
    assert matched not in {message.body for message in messages}
