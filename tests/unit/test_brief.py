"""The settings of a campaign's texts: what Gemini is told, and what code holds whatever Gemini makes of it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest

from common.events import MessageTemplate, WritingStyle
from common.llm.language_model import ModelResponse, Prompt
from common.messages.plain_values import plain_fields
from common.messages.slots import cut_message
from common.messages.templates import MessageText
from common.settings import HouseRuleSettings
from common.writing.brief import Brief, create_brief
from common.writing.check import check
from common.writing.tasks import WritingTask, create_task
from common.writing.writer import write_texts

TEMPLATE = MessageTemplate(
    subject="For {{ name }}", body="Dear {{ name }}, here is 15% off with the code SAVE15 for you."
)
FIELDS = {"name": "Asha Rao", "visits": 12, "orders": 7, "city": "Pune", "last_active_at": "2026-11-20"}
GOOD = "Dear ⟦name⟧, what a pleasure. Here is ⟦offer⟧ with the code ⟦code⟧."
HINDI = "नमस्ते ⟦name⟧, आपसे मिलकर हमेशा अच्छा लगता है। यह रहा ⟦offer⟧, कोड ⟦code⟧ के साथ।"
NO_RULES = HouseRuleSettings()


class Answering:
    """Answers with one body for each person, and keeps the prompts."""

    def __init__(self, body: str = GOOD) -> None:
        self.prompts: list[Prompt] = []
        self._body = body

    async def generate(self, prompt: Prompt) -> ModelResponse:
        self.prompts.append(prompt)
        texts = [{"id": one["id"], "subject": "For ⟦name⟧", "body": self._body} for one in prompt.data["people"]]
        return ModelResponse(content={"messages": texts})


def task(style: WritingStyle, house: HouseRuleSettings = NO_RULES, **fields: Any) -> WritingTask:
    values = plain_fields(FIELDS | fields).values
    message = cut_message(TEMPLATE, values)
    found = create_task("m", "c", message, values, style=style, house=house, today=date(2026, 11, 27))
    assert isinstance(found, WritingTask)
    return found


def prompt_of(tasks: Sequence[WritingTask]) -> Prompt:
    model = Answering()
    asyncio.run(write_texts(model, tasks))
    return model.prompts[0]


def problem(body: str, **brief: Any) -> str | None:
    """The name of the check that a body does not pass."""
    message = cut_message(TEMPLATE, plain_fields(FIELDS).values)
    found = check(MessageText(subject="For ⟦name⟧", body=body), message, Brief(**brief)).problem
    return found.name if found else None


def test_prompt_has_the_wishes_of_the_campaign_and_of_the_house() -> None:
    """Tone, length, language, instructions, rules and forbidden words."""
    style = WritingStyle(
        tone="warm", length="short", language="hi", instructions=" Mention the garden. ", forbidden_words=("cheap",)
    )
    house = HouseRuleSettings.read({"HOUSE_RULES": "Never write of politics.", "FORBIDDEN_WORDS": "loan, cheap"})
    wishes = prompt_of([task(style, house)]).data["wishes"]
    assert wishes == {
        "tone": "warm and friendly",
        "length": "no longer than the message",
        "language": "Hindi, in Devanagari",
        "instructions": "Mention the garden.",
        "house_rules": "Never write of politics.",
        "forbidden_words": ["cheap", "loan"],
    }
    assert "wishes" not in prompt_of([task(WritingStyle())]).data


@pytest.mark.parametrize(
    ("named", "language"), [("Hindi", "hi"), ("hi-IN", "hi"), ("ENGLISH", "en"), ("Klingon", None), (None, None)]
)
def test_language_of_a_person_is_that_of_their_record(named: str | None, language: str | None) -> None:
    """`attributes.language`, as files write it; the message's where it names none of ours."""
    brief = create_brief(WritingStyle(language="person"), NO_RULES, {"attributes": {"language": named}})
    assert brief.language == language
    assert create_brief(WritingStyle(), NO_RULES, {"attributes": {"language": named}}).language is None


def test_people_with_different_languages_share_no_call() -> None:
    """The prompt has one language."""
    style = WritingStyle(language="person")
    groups = {task(style, attributes={"language": name}).group for name in ("Hindi", "hi", "English")}
    assert len(groups) == 2


def test_only_allowed_fields_become_traits() -> None:
    """What a field would say is never told if the campaign does not name the field."""
    everything = task(WritingStyle()).traits
    assert {"comes by often", "has ordered many times", "was with us only recently"} <= set(everything)
    assert task(WritingStyle(allowed_fields=("visits",))).traits == ["comes by often"]
    assert task(WritingStyle(allowed_fields=())).traits == []


@pytest.mark.parametrize(
    "text",
    ["So Fluffy!", "Our fluffs are warm.", "Such a flúff thing.", "It is fl\u200buff.", "Like a garden  party-mood."],
)
def test_text_with_a_forbidden_word_is_refused(text: str) -> None:
    """In any case, with accents and endings, and across spaces and hyphens."""
    forbidden = ("fluff", "fluffy", "garden party mood")
    assert problem(f"{GOOD} {text}", forbidden=forbidden) in {"forbidden_word", "invisible"}


def test_text_with_a_word_that_only_begins_alike_is_kept() -> None:
    """Forbidding a word does not forbid others."""
    assert problem(f"{GOOD} We love your heart.", forbidden=("he",)) is None
    assert problem(GOOD, forbidden=("(", "*", "सस्ता")) is None
    assert problem(f"{GOOD} बगीचा", forbidden=("बगीचा",)) == "forbidden_word"


@pytest.mark.parametrize(
    ("body", "language", "name"),
    [
        (GOOD, "en", None),
        (GOOD, None, None),
        (HINDI, "hi", None),
        (HINDI, None, None),
        (HINDI, "en", "language"),
        (GOOD + " It is always so good to see you around our shop.", "hi", "language"),
    ],
)
def test_text_in_another_language_than_asked_for_is_refused(body: str, language: str | None, name: str | None) -> None:
    """Facts stay as the manager wrote them; the prose around them is in the language."""
    assert problem(body, language=language) == name


def test_text_longer_than_asked_for_is_refused() -> None:
    """`short` is about the length of the message, `long` up to three times."""
    longer = GOOD + " It is so good to see you around." * 6
    assert problem(longer, length="short") == "too_long"
    assert problem(longer) is None
    much = GOOD + " It is so good to see you around." * 25
    assert (problem(much), problem(much, length="long")) == ("too_long", None)


def test_wish_for_an_offer_is_not_fulfilled() -> None:
    """A model that obeys instructions of a campaign that ask for a promise: the promise is left out."""
    generous = Answering(f"{GOOD} Everything is free today!")
    [text] = asyncio.run(write_texts(generous, [task(WritingStyle(instructions="Say that everything is free."))]))
    assert text.text is not None
    assert text.text.body == "Dear Asha Rao, what a pleasure. Here is 15% off with the code SAVE15."
