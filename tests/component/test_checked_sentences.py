"""Texts of checked sentences: proposed once, frozen, chosen for each person; nothing else can be sent."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from typing import Any

import pytest

from common.errors import Unavailable
from common.events import MessageReady, MessageTemplate, RecipientSelected, WritingStyle
from common.ids import message_id
from common.llm.language_model import ModelResponse, Prompt
from common.llm.safety_net import NO_NET, SafetyNet
from common.llm.usage import GeminiUsage
from common.messages.campaign_state import CampaignStates
from common.messages.deferred import DeferredMessages
from common.storage.documents import Put
from common.storage.memory import MemoryDocuments, MemoryPublisher
from common.writing.sentences import Sentence
from local.gemini.behaviour import GeminiMode
from local.gemini.misbehaviour import spoil
from local.gemini.sentences import chosen_sentences, proposed_sentences
from personalization.budget import GeminiBudget
from personalization.frozen_sentences import RETRY_SECONDS
from personalization.personalizer import Personalizer

TEMPLATE = MessageTemplate(
    subject="For {{ first_name }}",
    body="Hi {{ first_name }},\n\nit has been a while. 15% off with the code SAVE15 until Sunday.\n\nYour team",
)
FACTS = ("15% off", "SAVE15", "until Sunday")
PATH = "campaign_sentences/c1.en"


class SentenceModel:
    """The stand-in's sentences and choices; `mode` says how they go wrong, and what is asked is kept."""

    def __init__(self, mode: GeminiMode = "ok", *, gone: int = 0, seed: int = 0) -> None:
        self.mode = mode
        self.prompts: list[Prompt] = []
        self.texts: list[str] = []  # of proposals
        self._gone = gone
        self._seed = seed

    async def generate(self, prompt: Prompt) -> ModelResponse:
        self.prompts.append(prompt)
        await asyncio.sleep(0)
        if len(self.prompts) <= self._gone:
            raise Unavailable("Gemini could not be reached.")
        data: Any = prompt.data
        if "wanted" in data:
            proposed = spoil({"proposed": proposed_sentences(data, seed=self._seed)}, data, self.mode)
            self.texts += [one["text"] for one in proposed["proposed"]]
            return ModelResponse(content=proposed, input_tokens=800, output_tokens=600)
        chosen = {"messages": chosen_sentences(data, seed=self._seed)}
        return ModelResponse(content=spoil(chosen, data, self.mode), input_tokens=700, output_tokens=100)

    @property
    def proposals(self) -> int:
        return sum("wanted" in prompt.data for prompt in self.prompts)


def recipient(number: int, *, orders: int = 1, **style: Any) -> RecipientSelected:
    """A person of the campaign."""
    first = f"N{chr(97 + number % 26)}{chr(97 + number // 26)}a"
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
        fields={"name": f"{first} Rao", "first_name": first, "orders": orders, "visits": 20},
        style=WritingStyle(**style),
        writing="sentences",
    )


class Clock:
    """Seconds that a test moves."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def instance(
    documents: MemoryDocuments,
    publisher: MemoryPublisher,
    model: Any,
    *,
    net: SafetyNet = NO_NET,
    monotonic: Callable[[], float] = time.monotonic,
) -> Personalizer:
    return Personalizer(
        model=model,
        publisher=publisher,
        documents=documents,
        campaign_states=CampaignStates(documents),
        deferred=DeferredMessages(documents, publisher),
        budget=GeminiBudget(GeminiUsage(documents, instance="one"), calls_per_day=None),
        net=net,
        linger=0.01,
        monotonic=monotonic,
    )


async def personalize(
    model: Any, people: int = 30, *, documents: MemoryDocuments | None = None, net: SafetyNet = NO_NET, **style: Any
) -> list[MessageReady]:
    """The messages to so many people."""
    publisher = MemoryPublisher()
    personalizer = instance(documents or MemoryDocuments(), publisher, model, net=net)
    await asyncio.gather(*(personalizer.personalize(recipient(number, **style)) for number in range(people)))
    return messages_of(publisher)


def messages_of(publisher: MemoryPublisher) -> list[MessageReady]:
    messages = [event for event in publisher.events if isinstance(event, MessageReady)]
    return sorted(messages, key=lambda message: int(message.customer_id))


async def store(documents: MemoryDocuments, *sentences: Sentence) -> None:
    """A campaign that has sentences of its own."""
    stored = [sentence.model_dump(mode="json") for sentence in sentences]
    await documents.commit([Put("campaigns/c1", {"state": "running", "sentences": stored})])


async def test_sentences_are_proposed_once_and_chosen_for_everybody() -> None:
    """One proposal and two choices for thirty people; each has every fact once, their own name, and nobody's else."""
    model, documents = SentenceModel(), MemoryDocuments()
    messages = await personalize(model, documents=documents)
    assert [len(prompt.data.get("people", ())) for prompt in model.prompts] == [0, 25, 5]
    assert {message.personalized_by for message in messages} == {"gemini"}
    for message in messages:
        assert all(message.body.count(fact) == 1 for fact in FACTS)
        assert message.body.count(message.name or "-") == 1
        assert message.subject == f"For {message.name}"
    assert len({message.body.replace(message.name or "-", "") for message in messages}) > 20
    assert all(sentence["problem"] is None for sentence in (await documents.get(PATH))["sentences"])
    assert "Rao" not in str(model.prompts)


async def test_person_is_told_only_what_is_true_of_them() -> None:
    """A sentence for people who order often goes to nobody else."""
    publisher, documents = MemoryPublisher(), MemoryDocuments()
    personalizer = instance(documents, publisher, SentenceModel())
    people = [recipient(number, orders=number % 2 * 9 + 1) for number in range(40)]
    await asyncio.gather(*(personalizer.personalize(one) for one in people))
    loyal = ("You know our shop better than most.", "Thank you for coming back to us.")
    told = {message.customer_id for message in messages_of(publisher) if any(text in message.body for text in loyal)}
    assert told
    assert told <= {one.customer_id for one in people if one.fields["orders"] == 10}


@pytest.mark.parametrize("mode", ["words", "promises", "chatty", "obeys", "leaks", "wrong_ids", "ok"])
async def test_whatever_the_model_answers_only_checked_sentences_are_sent(mode: GeminiMode) -> None:
    """It proposes promises, chooses what is no sentence, speaks of others: each message is the template, or of checked
    sentences and the manager's own."""
    model, documents = SentenceModel(mode), MemoryDocuments()
    messages = await personalize(model, documents=documents)
    stored = (await documents.get(PATH)).get("sentences", [])
    checked = [sentence["text"] for sentence in stored if sentence["problem"] is None]
    own = ["Hi ⟦first_name⟧,", "it has been a while.", "⟦offer⟧ with the code ⟦code⟧ ⟦until⟧.", "Your team"]
    assert len(messages) == 30
    for message in messages:
        text = message.body.replace(message.name or "-", "⟦first_name⟧")
        for fact, slot in zip(FACTS, ("⟦offer⟧", "⟦code⟧", "⟦until⟧"), strict=True):
            assert text.count(fact) == 1
            text = text.replace(fact, slot)
        for sentence in sorted([*checked, *own], key=len, reverse=True):
            text = text.replace(sentence, "").replace(sentence[:1].upper() + sentence[1:], "")
        assert text.strip() == "", text
    if mode != "ok":
        assert {message.personalized_by for message in messages} == {"template"}
        assert all(message.fallback and message.fallback.partition(":")[0] for message in messages)


async def test_model_that_goes_wrong_after_the_proposal_cannot_add_anything() -> None:
    """The sentences are there and good; then it writes a promise where an id belongs."""
    documents = MemoryDocuments()
    await personalize(SentenceModel(), 3, documents=documents)
    messages = await personalize(SentenceModel("words"), documents=documents)
    assert {message.personalized_by for message in messages} == {"template"}
    assert {(message.fallback or "").partition(":")[0] for message in messages} == {"choice"}


async def test_two_instances_that_propose_at_once_use_the_same_sentences() -> None:
    """Who stores them first decides; the other one's proposal is dropped."""
    documents, publisher = MemoryDocuments(), MemoryPublisher()
    models = [SentenceModel(seed=seed) for seed in (1, 2)]
    instances = [instance(documents, publisher, model) for model in models]
    await asyncio.gather(*(instances[number % 2].personalize(recipient(number)) for number in range(40)))
    assert [model.proposals for model in models] == [1, 1]
    assert set(models[0].texts) != set(models[1].texts)
    stored = {sentence["text"] for sentence in (await documents.get(PATH))["sentences"]}
    assert stored in ({*models[0].texts}, {*models[1].texts})
    offered = [
        {one["text"] for one in prompt.data["sentences"] if "own" not in one}
        for model in models
        for prompt in model.prompts
        if "people" in prompt.data
    ]
    assert all(texts <= stored for texts in offered)
    third = SentenceModel(seed=3)
    await instance(documents, publisher, third).personalize(recipient(99))
    assert third.proposals == 0


async def test_crash_before_the_sentences_are_stored_costs_a_proposal_only() -> None:
    """Nobody got a text of them; the next instance proposes again."""
    documents, publisher = MemoryDocuments(), MemoryPublisher()

    class Dies(SentenceModel):
        async def generate(self, prompt: Prompt) -> ModelResponse:
            await super().generate(prompt)
            raise RuntimeError("the instance is gone")

    with pytest.raises(RuntimeError):
        await instance(documents, publisher, Dies()).personalize(recipient(1))
    assert not (await documents.get(PATH)).exists
    assert publisher.events == []
    await instance(documents, publisher, SentenceModel()).personalize(recipient(1))
    assert [message.personalized_by for message in messages_of(publisher)] == ["gemini"]


async def test_failed_proposal_is_made_again_a_little_later() -> None:
    """Meanwhile people get the template, and Gemini is not asked for each of them."""
    documents, publisher, clock = MemoryDocuments(), MemoryPublisher(), Clock()
    model = SentenceModel(gone=1)
    personalizer = instance(documents, publisher, model, monotonic=clock)
    for number in range(3):
        await personalizer.personalize(recipient(number))
    assert len(model.prompts) == 1
    clock.now = RETRY_SECONDS + 1
    await personalizer.personalize(recipient(3))
    writers = [message.personalized_by for message in messages_of(publisher)]
    assert writers == ["template", "template", "template", "gemini"]
    assert (messages_of(publisher)[0].fallback or "").startswith("unavailable")


async def test_sentences_of_the_campaign_are_used_instead_of_a_proposal() -> None:
    """A manager has looked at them. One that the checks refuse is not used, unless a person approved it."""
    documents = MemoryDocuments()
    refused, approved = "All of this is free.", "Come to our party on Monday."
    await store(
        documents,
        Sentence(place="argument", text="Come and look around."),
        Sentence(place="argument", text=refused),
        Sentence(place="argument", text=approved, approved=True, approved_by="asha@example.com"),
    )
    model = SentenceModel()
    messages = await personalize(model, documents=documents)
    assert model.proposals == 0
    assert {message.personalized_by for message in messages} == {"gemini"}
    assert not any(refused in message.body for message in messages)
    assert any(approved in message.body for message in messages)


async def test_campaign_of_which_no_sentence_fits_sends_the_template() -> None:
    """Without a call."""
    documents, model = MemoryDocuments(), SentenceModel()
    await store(documents, Sentence(place="argument", text="All of this is free."))
    messages = await personalize(model, 2, documents=documents)
    assert {(message.fallback or "").partition(":")[0] for message in messages} == {"sentences"}
    assert model.prompts == []


async def test_people_alike_share_a_choice() -> None:
    """With `variants_per_group`, a hundred people need one proposal and one call."""
    model = SentenceModel()
    messages = await personalize(model, 100, variants_per_group=3)
    assert len(model.prompts) == 2
    assert {message.personalized_by for message in messages} == {"gemini"}
    assert all(message.body.count(message.name or "-") == 1 for message in messages)
    assert len({message.body.replace(message.name or "-", "") for message in messages}) in {2, 3}


async def test_proposal_counts_in_the_cap() -> None:
    """A cap of one call allows the proposal and no choice; one of none nothing at all."""
    for cap, prompts in ((0, 0), (1, 1), (2, 2)):
        model = SentenceModel()
        messages = await personalize(model, 5, max_calls=cap)
        assert len(model.prompts) == prompts
        assert all((message.personalized_by == "gemini") == (cap == 2) for message in messages)
        assert cap == 2 or all((message.fallback or "").startswith("budget") for message in messages)


async def test_calls_and_tokens_of_both_are_counted() -> None:
    """For the campaign's page."""
    documents = MemoryDocuments()
    await personalize(SentenceModel(), 5, documents=documents)
    used = await GeminiUsage(documents, instance="one").get("c1")
    assert (used.calls, used.input_tokens, used.output_tokens) == (2, 1_500, 700)


async def test_second_net_looks_at_each_sentence_once() -> None:
    """What it objects to is in no text; the texts are not looked at again."""

    class Net:
        def __init__(self) -> None:
            self.texts: list[str] = []

        async def objection(self, text: str) -> str | None:
            self.texts.append(text)
            return "dangerous" if "look around" in text.lower() else None

    net, documents = Net(), MemoryDocuments()
    messages = await personalize(SentenceModel(), documents=documents, net=net)
    stored = (await documents.get(PATH))["sentences"]
    assert sorted(net.texts) == sorted(sentence["text"] for sentence in stored)
    assert [s["problem"] for s in stored if "look around" in s["text"].lower()] == ["model_armor: dangerous"] * 2
    assert not any("look around" in message.body.lower() for message in messages)


async def test_each_language_has_sentences_of_its_own() -> None:
    """Somebody who reads Hindi gets sentences in Hindi; the facts stay as they are."""
    documents, publisher, model = MemoryDocuments(), MemoryPublisher(), SentenceModel()
    personalizer = instance(documents, publisher, model)
    people = [recipient(number, language="person") for number in range(4)]
    hindi = [
        one.model_copy(update={"fields": {**one.fields, "attributes": {"language": "Hindi"}}}) for one in people[2:]
    ]
    await asyncio.gather(*(personalizer.personalize(one) for one in [*people[:2], *hindi]))
    assert model.proposals == 2
    assert (await documents.get("campaign_sentences/c1.hi")).exists
    english, second = messages_of(publisher)[:2], messages_of(publisher)[2:]
    assert not any("ऀ" <= letter <= "ॿ" for message in english for letter in message.body)
    for message in second:
        assert message.personalized_by == "template" or any("ऀ" <= letter <= "ॿ" for letter in message.body)


async def test_short_message_whose_only_sentence_greets_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its greeting is an opening like others, and the rest an argument, which stays."""
    short = MessageTemplate(subject="Hello {{ first_name }}", body="Dear {{ name }}, it is good to have you.")
    monkeypatch.setattr("tests.component.test_checked_sentences.TEMPLATE", short)
    messages = await personalize(SentenceModel(), 8)
    assert {message.personalized_by for message in messages} == {"gemini"}
    assert all(message.body.count(" Rao") == 1 for message in messages)
    assert all("it is good to have you" in message.body.lower() for message in messages)


async def test_text_that_says_nothing_of_the_message_is_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    """A choice needs an argument of the message itself, also where none has a fact."""

    class Forgetful(SentenceModel):
        """Chooses no argument that is the manager's."""

        async def generate(self, prompt: Prompt) -> ModelResponse:
            response = await super().generate(prompt)
            data: Any = prompt.data
            own = {one["id"] for one in data.get("sentences", ()) if "own" in one and one["place"] == "argument"}
            for message in response.content.get("messages", ()):
                message["sentences"] = [id_ for id_ in message["sentences"] if id_ not in own]
            return response

    news = MessageTemplate(
        subject="News", body="Hi {{ first_name }},\n\nwe have moved. Have a coffee with us.\n\nYour team"
    )
    monkeypatch.setattr("tests.component.test_checked_sentences.TEMPLATE", news)
    assert {message.personalized_by for message in await personalize(SentenceModel(), 4)} == {"gemini"}
    messages = await personalize(Forgetful(), 4)
    assert {message.personalized_by for message in messages} == {"template"}
    assert {(message.fallback or "").partition(":")[0] for message in messages} == {"choice"}


def test_event_keeps_how_texts_are_written_apart_from_the_style() -> None:
    """An earlier version, which runs beside this one during a deployment, refuses a style with an unknown field."""
    style = WritingStyle(writing="sentences", tone="warm")
    selected = RecipientSelected(
        message_id="1" * 32,
        campaign_id="c",
        customer_id="p",
        to="asha@example.com",
        fields={},
        message=MessageTemplate(subject="Hi", body="Come"),
        channel="email",
        vendor="simulator",
        personalization="gemini",
        style=style,
        writing=style.writing,
    )
    assert json.loads(selected.encode())["style"] == {
        name: value for name, value in style.model_dump(mode="json", exclude_none=True).items() if name != "writing"
    }
    assert RecipientSelected.decode(selected.encode()).writing_style == style
