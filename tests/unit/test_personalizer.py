"""Personalization: batches, asking again, fallback to the template, the prompt and the traits."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from common.errors import Invalid, Unavailable
from common.events import MessageReady, MessageTemplate, RecipientSelected
from common.ids import message_id
from common.llm.language_model import ModelResponse, Prompt
from common.llm.usage import GeminiUsage
from common.messages.campaign_state import CampaignStates
from common.messages.deferred import DeferredMessages
from common.messages.plain_values import plain_fields
from common.messages.slots import cut_message
from common.storage.memory import MemoryDocuments, MemoryPublisher
from common.writing.brief import Brief
from common.writing.prompt import Request, build_prompt, parse_texts
from common.writing.tasks import fallback_name
from common.writing.traits import ALL_TRAITS, traits_of
from personalization.budget import GeminiBudget
from personalization.personalizer import Personalizer

TEMPLATE = MessageTemplate(subject="For {{ first_name }}", body="Dear {{ name }}, 15% off with the code SAVE15.")
Person = dict[str, Any]
Answer = Callable[[list[Person]], Any]


def recipient(name: str, campaign: str = "c1", **changes: Any) -> RecipientSelected:
    """A recipient with that name in Pune."""
    known = {"name": name, "first_name": name.split(maxsplit=1)[0], "city": "Pune"}
    return RecipientSelected(
        message_id=message_id(campaign, name),
        campaign_id=campaign,
        customer_id=name,
        name=name,
        to=f"{name.split(maxsplit=1)[0].lower()}@example.com",
        channel="email",
        vendor="simulator",
        **{"personalization": "gemini", "message": TEMPLATE, "fields": known, **changes},
    )


def text(person: Person, **changes: str) -> dict[str, str]:
    """A good text for a person of the prompt."""
    body = "Dear ⟦name⟧, it is a pleasure: ⟦offer⟧ with the code ⟦code⟧."
    return {"id": person["id"], "subject": "⟦first_name⟧!", "body": body, **changes}


class ScriptedModel:
    """A model whose answers are functions of the people in the prompt; the last one is used again."""

    def __init__(self, *answers: Answer) -> None:
        self.prompts: list[Prompt] = []
        self._answers = list(answers) or [lambda people: [text(person) for person in people]]

    async def generate(self, prompt: Prompt) -> ModelResponse:
        self.prompts.append(prompt)
        answer = self._answers[min(len(self.prompts), len(self._answers)) - 1]
        return ModelResponse(content={"messages": answer(prompt.data["people"])})


async def personalize(model: Any, *recipients: RecipientSelected) -> list[MessageReady]:
    """The messages that the personalizer publishes, by customer."""
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
    await asyncio.gather(*(personalizer.personalize(recipient) for recipient in recipients))
    return sorted((e for e in publisher.events if isinstance(e, MessageReady)), key=lambda e: e.customer_id)


NAMES = ("Anu", "Bina", "Chitra", "Devi", "Ela", "Farah", "Gita")


async def test_personalizer_for_several_recipients_makes_one_call() -> None:
    """Each recipient gets the shared call's text with their own values."""
    model = ScriptedModel()
    texts = await personalize(model, *(recipient(f"{name} Rao") for name in NAMES))
    assert len(model.prompts) == 1
    assert [text.subject for text in texts] == [f"{name}!" for name in NAMES]
    assert texts[0].body == "Dear Anu Rao, it is a pleasure: 15% off with the code SAVE15."
    assert {text.personalized_by for text in texts} == {"gemini"}
    assert texts[0].to == "anu@example.com"


async def test_personalizer_for_many_recipients_makes_calls_of_ten_in_one_campaign() -> None:
    """A call has at most ten recipients, all of one campaign."""
    model = ScriptedModel()
    people = [recipient(f"{name} {last}") for name in NAMES[:5] for last in ("Rao", "Das", "Roy")]
    await personalize(model, *people, recipient("Hema Rao", "c2"))
    assert sorted(len(prompt.data["people"]) for prompt in model.prompts) == [1, 5, 10]


async def test_personalizer_with_different_shapes_makes_a_call_for_each() -> None:
    """A recipient without a name gets a message with other slots."""
    model = ScriptedModel()
    nameless = recipient("Anu Rao").model_copy(update={"message_id": "m", "fields": {"name": None}})
    await personalize(model, recipient("Anu Rao"), nameless)
    assert {prompt.data["message"]["subject"] for prompt in model.prompts} == {"For", "For ⟦first_name⟧"}


async def test_personalizer_for_two_copies_of_an_event_requests_one_text() -> None:
    """Both copies get the same text."""
    model = ScriptedModel()
    texts = await personalize(model, recipient("Asha Rao"), recipient("Asha Rao"))
    assert [len(prompt.data["people"]) for prompt in model.prompts] == [1]
    assert [text.subject for text in texts] == ["Asha!", "Asha!"]


async def test_personalizer_in_template_mode_makes_no_call() -> None:
    """The message is rendered from the template."""
    model = ScriptedModel()
    [text] = await personalize(model, recipient("Asha Rao", personalization="template"))
    assert (text.subject, text.body) == ("For Asha", "Dear Asha Rao, 15% off with the code SAVE15.")
    assert (text.personalized_by, text.fallback, model.prompts) == ("template", None, [])


async def test_personalizer_for_a_language_without_word_lists_makes_no_call() -> None:
    """The guard could not check such a text."""
    model = ScriptedModel()
    polish = MessageTemplate(
        subject="Nowość", body="Dzień dobry, mamy dla Ciebie nową kolekcję zimowych płaszczy w sklepie."
    )
    [text] = await personalize(model, recipient("Asha Rao", message=polish))
    assert (text.body, text.personalized_by, model.prompts) == (polish.body, "template", [])
    assert fallback_name(text.fallback or "") == "language"


def failing(people: list[Person]) -> Any:
    raise Unavailable("Gemini answered 429")


@pytest.mark.parametrize(
    ("answer", "reason", "calls"),
    [
        (failing, "unavailable", 1),
        (lambda people: "nonsense", "shape", 1),
        (lambda people: [{"id": "7", "subject": "a", "body": "b"}], "missing", 2),
        (lambda people: [text(people[0])] * 2, "missing", 2),
        (lambda people: [], "missing", 2),
        (lambda people: [text(people[0], subject="")], "empty", 2),
        (lambda people: [text(people[0], body=text(people[0])["body"] + " Come." * 500)], "too_long", 2),
        (lambda people: [text(people[0], body="Dear ⟦name⟧, get 50% off")], "slot", 2),
        (lambda people: [text(people[0], body=text(people[0])["body"][:-1] + ", and 50% off")], "digit", 2),
        (lambda people: [text(people[0], body=text(people[0])["body"] + " See evil.example")], "link", 1),
        (lambda people: [text(people[0], body=text(people[0])["body"] + " Dear {{ name }}")], "slot", 2),
        (lambda people: [text(people[0], body=text(people[0])["body"][:-1] + ", dear [First Name]")], "placeholder", 2),
    ],
)
async def test_personalizer_without_a_usable_text_uses_the_template(answer: Answer, reason: str, calls: int) -> None:
    """The name of the check is stored with the message. Most texts are asked for a second time."""
    model = ScriptedModel(answer)
    [message] = await personalize(model, recipient("Asha Rao"))
    assert message.body == "Dear Asha Rao, 15% off with the code SAVE15."
    assert message.personalized_by == "template"
    assert fallback_name(message.fallback or "") == reason
    assert len(model.prompts) == calls


async def test_personalizer_with_one_bad_text_asks_again_for_that_one_only() -> None:
    """Gemini is told what was wrong; the other recipients of the call keep their texts."""

    def first(people: list[Person]) -> Any:
        return [text(person, **({"body": "Win a car"} if person["id"] == "2" else {})) for person in people]

    model = ScriptedModel(first, lambda people: [text(person) for person in people])
    texts = await personalize(model, *(recipient(f"{name} Rao") for name in NAMES[:3]))
    assert [text.personalized_by for text in texts] == ["gemini"] * 3
    [again] = model.prompts[1].data["people"]
    assert "⟦name⟧ is missing" in again["error"]


async def test_personalizer_with_one_wrong_id_costs_one_recipient() -> None:
    """The others keep their texts, without a second round for them."""

    def answer(people: list[Person]) -> Any:
        return [text(person, id="9" if len(people) == 1 or person["id"] == "2" else person["id"]) for person in people]

    texts = await personalize(ScriptedModel(answer), *(recipient(f"{name} Rao") for name in NAMES[:3]))
    assert sorted(text.personalized_by for text in texts) == ["gemini", "gemini", "template"]
    assert [text.fallback.partition(":")[0] for text in texts if text.fallback] == ["missing"]


@pytest.mark.parametrize(
    ("written", "writer", "body"),
    [
        ("It is some time since ⟦last_active_at⟧, dear friend.", "gemini", "It is some time since {}, dear friend."),
        ("It is some time since {}, dear friend.", "gemini", "It is some time since {}, dear friend."),
        ("It is some time since 25 November 2026, dear friend.", "template", "You were here on {}, dear friend."),
        ("It is some time since ⟦last_active_at⟧, dear ⟦name⟧.", "template", "You were here on {}, dear friend."),
    ],
)
async def test_text_of_gemini_may_have_the_persons_own_day_and_no_other(written: str, writer: str, body: str) -> None:
    """As the message shows it, in words. Gemini is not told which day it is."""
    day = "26 November 2026"
    model = ScriptedModel(lambda people: [text(one, subject="Hello", body=written.format(day)) for one in people])
    message = MessageTemplate(subject="Hello", body="You were here on {{ last_active_at }}, dear friend.")
    person = recipient("Anu Rao", message=message, fields={"last_active_at": "2026-11-26"})
    [ready] = await personalize(model, person)
    assert (ready.personalized_by, ready.body) == (writer, body.format(day))
    assert "2026" not in json.dumps(model.prompts[0].data, ensure_ascii=False)


def test_prompt_has_no_value_of_a_recipient() -> None:
    """It has the message with slots, what the facts read, and traits."""
    fields = {"name": "Asha Rao", "first_name": "Asha", "visits": 3, "attributes": {"diagnosis": "secret"}}
    message = cut_message(TEMPLATE, plain_fields(fields).values)
    prompt = build_prompt([Request(message, ["is a new customer"])], Brief())
    assert prompt.data["message"]["body"] == "Dear ⟦name⟧, ⟦offer⟧ with the code ⟦code⟧."
    assert prompt.data["people"] == [{"id": "1", "traits": ["is a new customer"]}]
    assert {slot["slot"]: slot.get("reads") for slot in prompt.data["slots"]} == {
        "⟦first_name⟧": None,
        "⟦name⟧": None,
        "⟦offer⟧": "15% off",
        "⟦code⟧": "SAVE15",
    }
    everything = json.dumps(prompt.data, ensure_ascii=False) + prompt.instructions
    assert not [secret for secret in ("Asha", "secret", "diagnosis") if secret in everything]


def test_parse_texts_in_any_order_returns_the_recipients_order() -> None:
    """Line breaks in subjects become spaces; what is missing or came twice is None."""
    content = {"messages": [{"id": "2", "subject": "b", "body": "B"}, {"id": "1", "subject": "a\nb", "body": " A "}]}
    [first, second] = parse_texts(content, 2)
    assert first is not None
    assert second is not None
    assert [(first.subject, first.body), (second.subject, second.body)] == [("a b", "A"), ("b", "B")]
    assert parse_texts(content, 3)[2] is None
    assert parse_texts({"messages": content["messages"] * 2}, 2) == [None, None]
    with pytest.raises(Invalid):
        parse_texts({"messages": "none"}, 2)


def test_traits_are_words_without_figures() -> None:
    """They follow from the fields, and only those that are allowed are told."""
    fields = {"first_name": "Asha", "city": "Pune", "visits": 12, "orders": 6, "last_active_at": "2026-01-01"}
    traits = traits_of(fields, today=date(2026, 12, 1))
    assert traits == [
        "comes by often",
        "has ordered many times",
        "has been away for long",
        "it is winter where they live",
    ]
    assert traits_of(fields, today=date(2026, 12, 1), allowed=("often",)) == ["comes by often"]
    assert traits_of({}, today=date(2026, 12, 1)) == ["we do not know their first name"]
    assert "is a new customer" in traits_of({"orders": 1, "visits": 1}, today=date(2026, 12, 1))
    assert "is new to us" in traits_of({"orders": 0, "visits": 0}, today=date(2026, 12, 1))
    ahead = traits_of({"last_active_at": "2026-12-02"}, today=date(2026, 12, 1))  # in a zone east of UTC
    assert "was with us only recently" in ahead
    recent = traits_of({"last_active_at": "2026-11-28"}, today=date(2026, 12, 1), allowed=ALL_TRAITS)
    assert "was with us only recently" in recent
    assert not any(letter.isdigit() for trait in traits for letter in trait)


async def test_refused_text_is_kept_as_gemini_wrote_it() -> None:
    """With its slots, so that the campaign's page can show an example without a value of anybody."""
    body = "Dear ⟦name⟧, everything is free: ⟦offer⟧ with the code ⟦code⟧."
    [ready] = await personalize(ScriptedModel(lambda people: [text(people[0], body=body)]), recipient("Asha Rao"))
    assert (fallback_name(ready.fallback or ""), ready.refused_text) == ("promise", body)
    assert "everything" not in ready.body


async def test_text_that_lost_a_sentence_says_which_and_why() -> None:
    """For the campaign's page: the sentence as Gemini wrote it, with its slots."""
    body = "Dear ⟦name⟧, it is a pleasure: ⟦offer⟧ with the code ⟦code⟧. Everything is free."
    model = ScriptedModel(lambda people: [text(person, body=body) for person in people])
    [ready] = await personalize(model, recipient("Asha Rao"))
    assert ready.personalized_by == "gemini"
    assert ready.body == "Dear Asha Rao, it is a pleasure: 15% off with the code SAVE15."
    assert (ready.fallback, fallback_name(ready.mended or "")) == (None, "promise")
    assert ready.refused_text == "Everything is free."
    [good] = await personalize(ScriptedModel(), recipient("Asha Rao"))
    assert (good.mended, good.refused_text) == (None, None)
