"""Personalization: batches, fallback to the template, the prompt and the guard."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from common.errors import Invalid, Unavailable
from common.events import MessageReady, MessageTemplate, RecipientSelected
from common.ids import message_id
from common.llm.language_model import ModelResponse, Prompt
from common.messages.campaign_state import CampaignStates
from common.messages.deferred import DeferredMessages
from common.messages.templates import MessageText
from common.storage.memory import MemoryDocuments, MemoryPublisher
from personalization.guard import violation
from personalization.personalizer import Personalizer
from personalization.prompt import build_prompt, parse_texts

TEMPLATE = MessageTemplate(subject="For {{ first_name }}", body="Dear {{ name }}, 15% off with SAVE15.")


def recipient(name: str, campaign: str = "c1", **changes: Any) -> RecipientSelected:
    """A recipient with that name in Pune."""
    fields = {"name": name, "first_name": name.split(maxsplit=1)[0], "city": "Pune"}
    return RecipientSelected(
        message_id=message_id(campaign, name),
        campaign_id=campaign,
        customer_id=name,
        name=name,
        to=f"{name.split(maxsplit=1)[0].lower()}@example.com",
        fields=fields,
        message=TEMPLATE,
        channel="email",
        vendor="simulator",
        **{"personalization": "gemini", **changes},
    )


class ScriptedModel:
    """A model whose answer is a function of the people in the prompt."""

    def __init__(self, answer: Any = None) -> None:
        self.prompts: list[Prompt] = []
        self._answer = answer or (lambda people: [self.text(person) for person in people])

    @staticmethod
    def text(person: dict[str, Any]) -> dict[str, str]:
        name = person["fields"]["first_name"]
        return {"id": person["id"], "subject": f"{name}!", "body": f"{name}, enjoy 15% off with SAVE15 in Pune."}

    async def generate(self, prompt: Prompt) -> ModelResponse:
        self.prompts.append(prompt)
        return ModelResponse(content={"messages": self._answer(prompt.data["people"])})


async def personalize(model: Any, *recipients: RecipientSelected) -> list[MessageReady]:
    """The messages that the personalizer publishes, by customer."""
    documents, publisher = MemoryDocuments(), MemoryPublisher()
    personalizer = Personalizer(
        model=model,
        publisher=publisher,
        campaign_states=CampaignStates(documents),
        deferred=DeferredMessages(documents, publisher),
        linger=0.01,
    )
    await asyncio.gather(*(personalizer.personalize(recipient) for recipient in recipients))
    return sorted((e for e in publisher.events if isinstance(e, MessageReady)), key=lambda e: e.customer_id)


async def test_personalizer_for_several_recipients_makes_one_call() -> None:
    """Each recipient gets their own text from the shared call."""
    model = ScriptedModel()
    people = [recipient(f"P{number} Rao") for number in range(7)]
    texts = await personalize(model, *people)
    assert len(model.prompts) == 1
    assert [text.subject for text in texts] == [f"P{number}!" for number in range(7)]
    assert {text.personalized_by for text in texts} == {"gemini"}
    assert texts[0].to == "p0@example.com"


async def test_personalizer_for_many_recipients_makes_calls_of_ten_in_one_campaign() -> None:
    """A call has at most ten recipients, all of one campaign."""
    model = ScriptedModel()
    people = [recipient(f"P{n} Rao") for n in range(15)] + [recipient("Q Rao", "c2")]
    await personalize(model, *people)
    assert sorted(len(prompt.data["people"]) for prompt in model.prompts) == [1, 5, 10]


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
    assert (text.subject, text.body) == ("For Asha", "Dear Asha Rao, 15% off with SAVE15.")
    assert (text.personalized_by, text.fallback, model.prompts) == ("template", None, [])


def failing(people: Any) -> Any:
    raise Unavailable("Gemini answered 429")


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (failing, "429"),
        (lambda people: [{"id": "7", "subject": "a", "body": "b"}], "exactly one text"),
        (lambda people: [ScriptedModel.text(people[0])] * 2, "exactly one text"),
        (lambda people: [], "exactly one text"),
        (lambda people: "nonsense", "shape"),
        (lambda people: [{"id": "1", "subject": "", "body": "b"}], "empty"),
        (lambda people: [{"id": "1", "subject": "Hi", "body": "x" * 2000}], "too long"),
        (lambda people: [{"id": "1", "subject": "Hi", "body": "Get 50% off"}], "50%"),
        (lambda people: [{"id": "1", "subject": "Hi", "body": "Dear {{ name }}"}], "placeholder"),
        (lambda people: [{"id": "1", "subject": "Hi", "body": "Dear [Name]"}], "placeholder"),
    ],
)
async def test_personalizer_without_a_usable_text_uses_the_template(answer: Any, reason: str) -> None:
    """The reason is stored with the message."""
    [text] = await personalize(ScriptedModel(answer), recipient("Asha Rao"))
    assert text.body == "Dear Asha Rao, 15% off with SAVE15."
    assert text.personalized_by == "template"
    assert reason in (text.fallback or "")


async def test_personalizer_with_one_bad_text_uses_the_template_once() -> None:
    """The other recipients of the same call keep their texts."""

    def answer(people: list[dict[str, Any]]) -> list[dict[str, str]]:
        return [
            {**ScriptedModel.text(person), **({"body": "Win 77 cars"} if person["id"] == "2" else {})}
            for person in people
        ]

    texts = await personalize(ScriptedModel(answer), *(recipient(f"P{n} Rao") for n in range(3)))
    assert sorted(text.personalized_by for text in texts) == ["gemini", "gemini", "template"]


def test_prompt_with_long_fields_cuts_them() -> None:
    """Customers' data is JSON without control characters, cut, and separate from the instructions."""
    long_fields = recipient("Asha Rao").model_copy(
        update={"fields": {"name": "A\n\x00" + "x" * 500, "city": "", "n": None}}
    )
    prompt = build_prompt([long_fields])
    [person] = prompt.data["people"]
    assert person["fields"]["name"].startswith("A  x")
    assert len(person["fields"]["name"]) == 200
    assert person["fields"].keys() == {"name"}
    assert "x" * 10 not in prompt.instructions


def test_parse_texts_in_any_order_returns_the_recipients_order() -> None:
    """Line breaks in subjects become spaces, and the number of texts must match."""
    content = {"messages": [{"id": "2", "subject": "b", "body": "B"}, {"id": "1", "subject": "a\nb", "body": " A "}]}
    assert [(text.subject, text.body) for text in parse_texts(content, 2)] == [("a b", "A"), ("b", "B")]
    with pytest.raises(Invalid):
        parse_texts(content, 3)


def test_violation_with_an_amount_from_the_recipients_fields_is_none() -> None:
    """The same amount without these fields is a violation."""
    template = MessageText(subject="s", body="Thank you")
    text = MessageText(subject="s", body="You spent ₹12,500 with us")
    assert violation(text, template=template, fields={}) == "12500 is not in the campaign's message"
    assert violation(text, template=template, fields={"spend": "₹12,500"}) is None
