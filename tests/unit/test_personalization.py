from __future__ import annotations

import asyncio
from typing import Any

import pytest

from common.errors import Invalid, Unavailable
from common.events import Message, MessagePersonalized, RecipientFound
from common.ids import message_id
from common.llm.gemini import Answer, Prompt
from common.messages.campaign_state import Controls
from common.messages.deferred import DeferredMessages
from common.storage.memory import MemoryDocuments, MemoryPublisher
from personalization.guard import objection
from personalization.personalizer import Personalizer
from personalization.prompt import prompt_for, texts_of

TEMPLATE = Message(subject="For {{ first_name }}", body="Dear {{ name }}, 15% off with SAVE15.")


def recipient(name: str, campaign: str = "c1", **changes: Any) -> RecipientFound:
    fields = {"name": name, "first_name": name.split(maxsplit=1)[0], "city": "Pune"}
    return RecipientFound(
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
    """Answers with a function of the people asked about."""

    def __init__(self, answer: Any = None) -> None:
        self.prompts: list[Prompt] = []
        self._answer = answer or (lambda people: [self.text(one) for one in people])

    @staticmethod
    def text(person: dict[str, Any]) -> dict[str, str]:
        name = person["fields"]["first_name"]
        return {"id": person["id"], "subject": f"{name}!", "body": f"{name}, enjoy 15% off with SAVE15 in Pune."}

    async def ask(self, prompt: Prompt) -> Answer:
        self.prompts.append(prompt)
        return Answer(content={"messages": self._answer(prompt.data["people"])})


async def personalized(model: Any, *recipients: RecipientFound) -> list[MessagePersonalized]:
    documents, publisher = MemoryDocuments(), MemoryPublisher()
    personalizer = Personalizer(
        model=model,
        publisher=publisher,
        controls=Controls(documents),
        held=DeferredMessages(documents, publisher),
        linger=0.01,
    )
    await asyncio.gather(*(personalizer.personalize(one) for one in recipients))
    return sorted((e for e in publisher.events if isinstance(e, MessagePersonalized)), key=lambda e: e.customer_id)


async def test_several_people_share_one_call_and_get_their_own_text() -> None:
    model = ScriptedModel()
    people = [recipient(f"P{number} Rao") for number in range(7)]
    texts = await personalized(model, *people)
    assert len(model.prompts) == 1
    assert [text.subject for text in texts] == [f"P{number}!" for number in range(7)]
    assert {text.personalized_by for text in texts} == {"gemini"}
    assert texts[0].to == "p0@example.com"


async def test_at_most_ten_people_and_one_campaign_a_call() -> None:
    model = ScriptedModel()
    people = [recipient(f"P{n} Rao") for n in range(15)] + [recipient("Q Rao", "c2")]
    await personalized(model, *people)
    assert sorted(len(prompt.data["people"]) for prompt in model.prompts) == [1, 5, 10]


async def test_a_person_found_twice_is_written_for_once_in_a_call() -> None:
    model = ScriptedModel()
    texts = await personalized(model, recipient("Asha Rao"), recipient("Asha Rao"))
    assert [len(prompt.data["people"]) for prompt in model.prompts] == [1]
    assert [text.subject for text in texts] == ["Asha!", "Asha!"]


async def test_template_mode_asks_nobody() -> None:
    model = ScriptedModel()
    [text] = await personalized(model, recipient("Asha Rao", personalization="template"))
    assert (text.subject, text.body) == ("For Asha", "Dear Asha Rao, 15% off with SAVE15.")
    assert (text.personalized_by, text.fallback, model.prompts) == ("template", None, [])


def failing(people: Any) -> Any:
    raise Unavailable("Gemini answered 429")


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (failing, "429"),
        (lambda people: [{"id": "7", "subject": "a", "body": "b"}], "exactly the people"),
        (lambda people: [ScriptedModel.text(people[0])] * 2, "exactly the people"),
        (lambda people: [], "exactly the people"),
        (lambda people: "nonsense", "shape"),
        (lambda people: [{"id": "1", "subject": "", "body": "b"}], "empty"),
        (lambda people: [{"id": "1", "subject": "Hi", "body": "x" * 2000}], "too long"),
        (lambda people: [{"id": "1", "subject": "Hi", "body": "Get 50% off"}], "50%"),
        (lambda people: [{"id": "1", "subject": "Hi", "body": "Dear {{ name }}"}], "placeholder"),
        (lambda people: [{"id": "1", "subject": "Hi", "body": "Dear [Name]"}], "placeholder"),
    ],
)
async def test_without_a_usable_text_the_person_gets_the_template_and_why(answer: Any, reason: str) -> None:
    [text] = await personalized(ScriptedModel(answer), recipient("Asha Rao"))
    assert text.body == "Dear Asha Rao, 15% off with SAVE15."
    assert text.personalized_by == "template"
    assert reason in (text.fallback or "")


async def test_one_persons_bad_text_is_not_the_others() -> None:
    def answer(people: list[dict[str, Any]]) -> list[dict[str, str]]:
        return [{**ScriptedModel.text(one), **({"body": "Win 77 cars"} if one["id"] == "2" else {})} for one in people]

    texts = await personalized(ScriptedModel(answer), *(recipient(f"P{n} Rao") for n in range(3)))
    assert sorted(text.personalized_by for text in texts) == ["gemini", "gemini", "template"]


def test_fields_are_data_and_kept_short() -> None:
    """What customers wrote goes in as JSON, without control characters, cut short, apart from the instructions."""
    sneaky = recipient("Asha Rao").model_copy(update={"fields": {"name": "A\n\x00" + "x" * 500, "city": "", "n": None}})
    prompt = prompt_for([sneaky])
    [person] = prompt.data["people"]
    assert person["fields"]["name"].startswith("A  x")
    assert len(person["fields"]["name"]) == 200
    assert person["fields"].keys() == {"name"}
    assert "x" * 10 not in prompt.instructions


def test_the_answers_order_does_not_matter() -> None:
    content = {"messages": [{"id": "2", "subject": "b", "body": "B"}, {"id": "1", "subject": "a\nb", "body": " A "}]}
    assert [(text.subject, text.body) for text in texts_of(content, 2)] == [("a b", "A"), ("b", "B")]
    with pytest.raises(Invalid):
        texts_of(content, 3)


def test_a_persons_own_fields_found_a_promise() -> None:
    template = Message(subject="s", body="Thank you")
    text = Message(subject="s", body="You spent ₹12,500 with us")
    assert objection(text, template=template, fields={}) == "12500 is not in the campaign's message"
    assert objection(text, template=template, fields={"spend": "₹12,500"}) is None
