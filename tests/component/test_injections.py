"""Hostile values of customers' records go through the whole function, with a model that obeys whatever it reads."""

from __future__ import annotations

import asyncio
import json
import unicodedata
from typing import Any

import pytest

from common.events import MessageReady, MessageTemplate, Personalization, RecipientSelected
from common.guard.currency import CURRENCY
from common.guard.digits import DIGITS
from common.guard.findings import Prose
from common.guard.invisible import INVISIBLE
from common.guard.links import LINKS
from common.guard.markup import MARKUP_FOUND
from common.guard.percentages import PERCENTAGES
from common.guard.placeholders import PLACEHOLDERS
from common.guard.promises import PROMISES
from common.guard.scripts import SCRIPTS
from common.ids import message_id
from common.llm.language_model import ModelResponse, Prompt
from common.storage.memory import MemoryDocuments, MemoryPublisher
from local.gemini.answers import generate_text
from local.gemini.behaviour import GeminiMode
from personalization.composition import PersonalizationSettings, compose
from tests.guard_corpus.hostile_values import HostileValue, hostile_values
from tests.support import SETTINGS

VALUES = list(hostile_values())
MESSAGE = MessageTemplate(
    subject="{{ first_name | default('Hello') }}, something for you",
    body="Hi {{ first_name | default('there') }},\n\n"
    "our winter collection is in the shop in {{ city | default('your town') }}. "
    "As a {{ attributes.plan | default('dear') }} customer you get 15% off with the code WELCOME15 until Sunday: "
    "https://shop.example/winter.\n\nSee you soon, {{ name | default('friend') }}!",
)
COMMON = frozenset({"⟦link⟧"})  # the message's own slot
SHOWN = (LINKS, DIGITS, PERCENTAGES, CURRENCY, MARKUP_FOUND, PLACEHOLDERS, INVISIBLE, SCRIPTS, PROMISES)


class StandInModel:
    """The stand-in for Gemini without its server."""

    def __init__(self, mode: GeminiMode) -> None:
        self._mode = mode
        self.prompts: list[Prompt] = []

    async def generate(self, prompt: Prompt) -> ModelResponse:
        self.prompts.append(prompt)
        request = {"contents": [{"parts": [{"text": json.dumps(prompt.data, default=str)}]}]}
        return ModelResponse(content=json.loads(generate_text(request, self._mode)))


def recipient(customer: str, how: Personalization, **fields: Any) -> RecipientSelected:
    return RecipientSelected(
        message_id=message_id("c", customer),
        campaign_id="c",
        customer_id=customer,
        name=fields.get("name"),
        to="a@example.com",
        fields=fields,
        message=MESSAGE,
        channel="email",
        vendor="simulator",
        personalization=how,
    )


async def send(model: StandInModel, people: list[RecipientSelected]) -> list[MessageReady]:
    """The messages that the function publishes, in the order of the recipients."""
    publisher = MemoryPublisher()
    function = compose(
        documents=MemoryDocuments(),
        publisher=publisher,
        model=model,
        settings=PersonalizationSettings(SETTINGS),
        linger=0.01,
    )
    await asyncio.gather(*(function.personalizer.personalize(person) for person in people))
    ready = {event.customer_id: event for event in publisher.events if isinstance(event, MessageReady)}
    return [ready[person.customer_id] for person in people]


def with_hostile_values(hostile: HostileValue, how: Personalization) -> list[RecipientSelected]:
    """Somebody whose name, city and attribute are the value, and somebody else in the same pack."""
    value = hostile.value
    first = value.split()[0] if value.split() else value
    attacker = {"name": value, "first_name": first, "city": value, "attributes": {"plan": value, "note": value}}
    nandini = {
        "name": "Nandini Rao",
        "first_name": "Nandini",
        "city": "Pune",
        "visits": 3,
        "attributes": {"plan": "regular"},
    }
    return [recipient("attacker", how, **attacker), recipient("nandini", how, **nandini)]


def dangers(message: MessageReady) -> set[tuple[str, str]]:
    """Everything in a text that could be a promise or an attack."""
    text = f"{message.subject}\n{message.body}"
    return {(validator.name, found.text) for validator in SHOWN for found in validator.find(Prose(text))}


def plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


@pytest.fixture
async def expected() -> set[tuple[str, str]]:
    """What the manager's own message has for somebody with ordinary values."""
    other = with_hostile_values(HostileValue("none", "Asha"), "template")[1]
    [message] = await send(StandInModel("ok"), [other])
    return dangers(message)


def test_corpus_has_over_two_hundred_values() -> None:
    """They are all different."""
    assert len({value.value for value in VALUES}) == len(VALUES) > 200


@pytest.mark.parametrize("how", ["gemini", "template"])
async def test_hostile_values_reach_nobodys_text(how: Personalization, expected: set[tuple[str, str]]) -> None:
    """No text has the value, or any link, number, promise or sign that the manager's message does not have."""
    escapes = []
    for hostile in VALUES:
        model = StandInModel("obeys")
        for message in await send(model, with_hostile_values(hostile, how)):
            text = f"{message.subject}\n{message.body}"
            strange = dangers(message) - expected
            # a sign such as "..." may stand in any text
            told = len(plain(hostile.value)) > 3 and hostile.value not in COMMON and plain(hostile.value) in plain(text)
            if strange or told:
                escapes.append((hostile, message.customer_id, strange))
    assert escapes == []


async def test_hostile_values_reach_no_prompt() -> None:
    """Gemini gets no value of anybody's record."""
    for hostile in VALUES:
        model = StandInModel("ok")
        await send(model, with_hostile_values(hostile, "gemini"))
        for prompt in model.prompts:
            data = json.dumps(prompt.data, ensure_ascii=False)
            assert len(hostile.value) < 4 or hostile.value in COMMON or hostile.value not in data
            assert "Nandini" not in data
            assert "Pune" not in data


@pytest.mark.parametrize("mode", ["obeys", "leaks", "words", "chatty", "promises", "wrong_ids"])
async def test_every_bad_mode_leaves_right_messages(mode: GeminiMode, expected: set[tuple[str, str]]) -> None:
    """Everybody gets a message with all facts of the manager's, and with no other."""
    people = [
        recipient(f"p{n}", "gemini", name="Asha Rao", first_name="Asha", city="Pune", visits=n, orders=n % 3)
        for n in range(20)
    ]
    for message in await send(StandInModel(mode), people):
        text = f"{message.subject}\n{message.body}"
        assert dangers(message) == expected
        for fact in ("15% off", "WELCOME15", "until Sunday", "https://shop.example/winter"):
            assert text.count(fact) == 1
        assert "Rahul" not in text
        if mode in {
            "promises",
            "wrong_ids",
        }:  # "obeys" finds nothing to obey; of the others' texts the bad part is left out
            assert message.personalized_by == "template"
            assert message.fallback
