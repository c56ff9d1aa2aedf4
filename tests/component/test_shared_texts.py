"""Variants per group: people alike share a few texts, each with their own values, at a tenth of the calls."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from common.errors import Unavailable
from common.events import MessageReady, MessageTemplate, RecipientSelected, WritingStyle
from common.ids import message_id
from common.llm.language_model import ModelResponse, Prompt
from common.llm.usage import GeminiUsage
from common.messages.campaign_state import CampaignStates
from common.messages.deferred import DeferredMessages
from common.storage.memory import MemoryDocuments, MemoryPublisher
from local.gemini.people import personalized_texts
from personalization.budget import GeminiBudget
from personalization.personalizer import Personalizer

TEMPLATE = MessageTemplate(
    subject="For {{ first_name }}",
    body="Hi {{ first_name }},\n\nyou have {{ attributes.points }} points. 15% off with SAVE15 until Sunday.",
)


class StandInWriter:
    """The stand-in's texts, and how often they were asked for. The first `gone` calls fail."""

    def __init__(self, *, gone: int = 0, extra: str = "") -> None:
        self.calls = 0
        self._gone = gone
        self._extra = extra

    async def generate(self, prompt: Prompt) -> ModelResponse:
        self.calls += 1
        if self.calls <= self._gone:
            raise Unavailable("Gemini could not be reached.")
        await asyncio.sleep(0)
        texts = personalized_texts(prompt.data["message"], prompt.data["people"])
        for text in texts:
            text["body"] += self._extra
        return ModelResponse(content={"messages": texts})


def recipient(number: int, variants: int | None, orders: int = 5) -> RecipientSelected:
    """Somebody who is like all others, but for the name and the points."""
    first = f"N{chr(97 + number % 26)}{chr(97 + number // 26)}a"
    fields = {"name": f"{first} Rao", "first_name": first, "orders": orders, "attributes": {"points": number}}
    return RecipientSelected(
        message_id=message_id("c1", str(number)),
        campaign_id="c1",
        customer_id=str(number),
        name=first,
        to=f"{number}@example.com",
        channel="email",
        vendor="simulator",
        personalization="gemini",
        message=TEMPLATE,
        fields=fields,
        style=WritingStyle(variants_per_group=variants),
    )


async def personalize(model: Any, people: list[RecipientSelected], *, at_once: int = 50) -> list[MessageReady]:
    """The messages to these people, who arrive in parts."""
    documents, publisher = MemoryDocuments(), MemoryPublisher()
    personalizer = Personalizer(
        model=model,
        publisher=publisher,
        documents=documents,
        campaign_states=CampaignStates(documents),
        deferred=DeferredMessages(documents, publisher),
        budget=GeminiBudget(GeminiUsage(documents, instance="one"), calls_per_day=None),
        linger=0.01,
    )
    for start in range(0, len(people), at_once):
        await asyncio.gather(*(personalizer.personalize(one) for one in people[start : start + at_once]))
    messages = [event for event in publisher.events if isinstance(event, MessageReady)]
    return sorted(messages, key=lambda message: int(message.customer_id))


async def test_shared_texts_take_a_tenth_of_the_calls() -> None:
    """100 people alike: ten calls for a text each, one call for three texts that they share."""
    own, shared = StandInWriter(), StandInWriter()
    await personalize(own, [recipient(number, None) for number in range(100)])
    await personalize(shared, [recipient(number, 3) for number in range(100)])
    assert (own.calls, shared.calls) == (10, 1)


async def test_everybody_gets_their_own_values_in_a_shared_text() -> None:
    """Each message has this person's name and points, every fact once, and nothing of anybody else."""
    people = [recipient(number, 3) for number in range(100)]
    messages = await personalize(StandInWriter(), people)
    assert len(messages) == 100
    for person, message in zip(people, messages, strict=True):
        assert message.personalized_by == "gemini"
        assert message.subject == f"For {person.fields['first_name']}"
        assert message.body.count(f"{person.fields['first_name']},") == 1
        assert f"you have {person.fields['attributes']['points']} points" in message.body
        assert message.body.count("SAVE15") == message.body.count("15% off") == message.body.count("until Sunday") == 1
        others = {other.fields["first_name"] for other in people} - {person.fields["first_name"]}
        assert not others & set(message.body.replace(",", " ").split())
    assert 1 < len({_without_values(person, message) for person, message in zip(people, messages, strict=True)}) <= 3


def _without_values(person: RecipientSelected, message: MessageReady) -> str:
    points = f"have {person.fields['attributes']['points']} points"
    return message.body.replace(person.fields["first_name"], "…").replace(points, "…")


async def test_people_who_are_not_alike_share_nothing() -> None:
    """New customers are told something else than those who order often, and people without a value have no slot."""
    model = StandInWriter()
    people = [recipient(number, 2, orders=1 if number % 2 else 50) for number in range(40)]
    messages = await personalize(model, people)
    assert model.calls == 2
    new, often = ({message.body[:3] for message in messages[part::2]} for part in (1, 0))
    assert new
    assert often


async def test_group_without_a_good_text_gets_the_template_and_asks_again() -> None:
    """Texts with a slot that there is not are refused for all; nothing of them is kept for later."""
    model = StandInWriter(extra=" ⟦secret⟧")
    messages = await personalize(model, [recipient(number, 3) for number in range(4)], at_once=2)
    assert {message.personalized_by for message in messages} == {"template"}
    assert all("SAVE15" in message.body for message in messages)
    assert all(message.fallback and message.fallback.startswith("slot") for message in messages)
    assert model.calls == 4  # two rounds, twice


async def test_shared_texts_are_mended_before_they_are_shared() -> None:
    """A promise that comes twice is left out; the texts are kept."""
    model = StandInWriter(extra=" Everything is free.")
    messages = await personalize(model, [recipient(number, 3) for number in range(4)], at_once=2)
    assert {message.personalized_by for message in messages} == {"gemini"}
    assert not any("free" in message.body for message in messages)
    assert all((message.refused_text or "").endswith("Everything is free.") for message in messages)
    assert not any("SAVE15" in (message.refused_text or "") for message in messages)
    assert model.calls == 2  # two rounds


async def test_group_is_written_after_gemini_has_been_away() -> None:
    """The first part gets the template, the next one is written."""
    messages = await personalize(StandInWriter(gone=1), [recipient(number, 3) for number in range(4)], at_once=2)
    assert [message.personalized_by for message in messages] == ["template", "template", "gemini", "gemini"]


@pytest.mark.parametrize("repeated", [7, 42])
async def test_repeated_event_has_the_same_text(repeated: int) -> None:
    """An event that is delivered twice does not change a person's text."""
    first, second = await personalize(StandInWriter(), [recipient(repeated, 5), recipient(repeated, 5)])
    assert first.body == second.body
