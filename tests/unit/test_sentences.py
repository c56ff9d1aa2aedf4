"""Checked sentences: what is one, what a pool has, and which choices become a text."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from common.errors import Invalid
from common.events import MessageTemplate
from common.messages.slots import SlottedMessage, cut_message
from common.writing.brief import Brief
from common.writing.check import ANY
from common.writing.choice_prompt import build_choice_prompt, parse_choices
from common.writing.pool import Choice, Pool
from common.writing.prompt import Request
from common.writing.sentences import Sentence, SentenceSet, judge

AWAY = "has been away for long"
MESSAGE = MessageTemplate(
    subject="For {{ first_name }}",
    body="Hi {{ first_name }},\n\nit has been a while. Here is 15% off, with the code SAVE15.\n\nYour team",
)


def cut(message: MessageTemplate = MESSAGE, **values: str) -> SlottedMessage:
    return cut_message(message, {"first_name": "Asha"} | values)


def sentence(text: str, place: str = "argument", **more: Any) -> Sentence:
    return Sentence.model_validate({"place": place, "text": text, **more})


SENTENCES = (
    sentence("Hello ⟦first_name⟧, good to see you.", "opening"),
    sentence("We have missed you.", traits=(AWAY,)),
    sentence("Come and look around."),
    sentence("See you soon!", "closing"),
    sentence("Something for ⟦first_name⟧", "subject"),
)


def pool(*sentences: Sentence, message: SlottedMessage | None = None, brief: Brief = ANY) -> Pool:
    return Pool.create(SentenceSet.create(sentences or SENTENCES), message or cut(), brief)


@pytest.mark.parametrize(
    ("text", "place", "name"),
    [
        ("Come and look around.", "argument", None),
        ("Here is ⟦offer⟧, with the code ⟦code⟧.", "argument", None),
        ("Everything is free.", "argument", "promise"),
        ("Look: https://evil.example", "argument", "link"),
        ("Come in on Monday.", "argument", "date"),
        ("Here is ⟦offer⟧ and ⟦offer⟧.", "argument", "slot"),
        ("Here is ⟦gift⟧.", "argument", "slot"),
        ("Here is ⟦offer⟧s.", "argument", "slot"),
        ("A mail with ⟦code⟧", "subject", "slot"),  # the subject has no code
        ("⟦offer⟧", "argument", "empty"),
        ("Look around\u200b here.", "argument", "invisible"),
    ],
)
def test_sentence_is_checked_as_a_text_is(text: str, place: str, name: str | None) -> None:
    """What the guard finds, and slots that the message does not have there, cannot be used."""
    problem = judge(sentence(text, place), cut(), ANY).problem
    assert (problem and problem.partition(":")[0]) == name


@pytest.mark.parametrize("text", ["Everything is free.", "Look: https://shop.example/more", "Come in on Monday."])
def test_person_may_answer_for_a_sentence(text: str) -> None:
    """Then the guard's objection does not count."""
    assert judge(sentence(text, approved=True), cut(), ANY).problem is None


@pytest.mark.parametrize(
    "text", ["Here is ⟦gift⟧.", "Look\u200b around.", "Dear {{ name }}, hello.", "Hi [Name], hello."]
)
def test_nobody_can_answer_for_what_is_no_text(text: str) -> None:
    """Slots that there are not, placeholders and what nobody sees."""
    assert judge(sentence(text, approved=True), cut(), ANY).problem is not None


def test_forbidden_word_is_refused() -> None:
    """Also in a sentence that was proposed before the word was forbidden."""
    brief = Brief(forbidden=("look",))
    assert judge(sentence("Come and look around."), cut(), brief).problem is not None
    ids = pool(brief=brief).by_id
    assert "Come and look around." not in {one.text for one in ids.values()}


def test_pool_has_the_managers_own_sentences_too() -> None:
    """The greeting opens, a last paragraph without slots closes, questions stay with what follows them."""
    question = MessageTemplate(subject="", body="Hi!\n\nHere is 15% off.\nQuestions? help@shop.example\n\nYour team")
    own = [one for one in pool(message=cut(question)).by_id.values() if one.own is not None]
    assert [(one.place, one.text.strip()) for one in own] == [
        ("opening", "Hi!"),
        ("argument", "Here is ⟦offer⟧."),
        ("argument", "Questions? ⟦email⟧"),
        ("closing", "Your team"),
    ]


def test_choice_becomes_a_text_with_every_fact_once() -> None:
    """Opening, arguments and closing are paragraphs, and a sentence after a full stop begins with a capital letter."""
    ids = {one.text.strip(): one.id for one in pool().by_id.values()}
    chosen = [
        ids["Hello ⟦first_name⟧, good to see you."],
        ids["We have missed you."],
        ids["it has been a while."],
        ids["Here is ⟦offer⟧, with the code ⟦code⟧."],
        ids["See you soon!"],
    ]
    checked = pool().assemble(Choice(ids["Something for ⟦first_name⟧"], tuple(chosen)), cut(), [AWAY])
    assert checked.problem is None
    assert checked.text is not None
    assert checked.text.subject == "Something for Asha"
    assert checked.text.body == (
        "Hello Asha, good to see you.\n\n"
        "We have missed you. It has been a while. Here is 15% off, with the code SAVE15.\n\nSee you soon!"
    )


GOOD = ("s2", "o2", "a4", "a2")
"""Subject, opening, "Come and look around", and the manager's sentence with offer and code."""


@pytest.mark.parametrize(
    ("chosen", "said"),
    [
        (GOOD, None),
        (("s1", *GOOD[1:]), None),  # the manager's own subject
        (("s2", "o2", "a4", "x9", "a2"), "There is no sentence"),
        (("s2", "o2", "Everything is free.", "a2"), "There is no sentence"),
        (("s2", "o2", "a3", "a2"), "not for this person"),  # somebody who was here yesterday is not missed
        (("s2", "o2", "a4", "a4", "a2"), "more than once"),
        (("s2", "o2", "a4"), "of the message itself"),
        (("s2", "o2", "a1"), "missing"),  # no offer
        (("s2", "a4", "a2"), "The order is"),  # no opening
        (("s2", "o2", "c2", "a2"), "The order is"),
        (("s2", "o2", "o1", "a2"), "The order is"),
        (("s2", "o2", "a2", "a1", "a4"), "not in its order"),
        (("o2", *GOOD[1:]), "subject"),
        (("", *GOOD[1:]), "There is no sentence"),
        (("s1", "o1", "a1", "a2"), "Choose other sentences"),  # that is the template
        (("s2",), "The order is"),
    ],
)
def test_only_choices_that_make_a_text_are_taken(chosen: tuple[str, ...], said: str | None) -> None:
    """Ids of the pool, for this person, in order, with each fact once."""
    checked = pool().assemble(Choice(chosen[0], chosen[1:]), cut(), ["was with us only recently"])
    assert (checked.text is None) == (said is not None)
    assert said is None or (checked.problem is not None and said in checked.problem.advice)


def test_whatever_is_chosen_only_sentences_of_the_pool_are_in_the_text() -> None:
    """All choices of up to four ids: each text that comes of one consists of whole sentences that were checked."""
    made = pool()
    texts = {one.text.strip() for one in made.by_id.values()}
    message, good = cut(), 0
    for length in range(1, 5):
        for ids in itertools.permutations([*made.by_id, "Everything is free."], length):
            checked = made.assemble(Choice("s2", ids), message, [])
            if checked.slotted is None:
                continue
            good += 1
            rest = checked.slotted.body
            for text in sorted(texts, key=len, reverse=True):
                rest = rest.replace(text, "").replace(text[:1].upper() + text[1:], "")
            assert rest.strip() == ""
    assert good >= 4


def test_sentences_are_checked_beside_the_message_of_the_person() -> None:
    """Of two forms of a message, only one speaks of delivery: only there the sentence can be chosen."""
    template = MessageTemplate(body="Hi!\n\n{% if city %}Delivery is quick here. {% endif %}Here is 15% off.")
    told = sentence("Delivery is something that we like to speak of.")
    ids = [
        {one.text for one in pool(told, message=cut_message(template, values)).by_id.values()}
        for values in ({"city": "Pune"}, {})
    ]
    assert told.text in ids[0]
    assert told.text not in ids[1]


def test_prompt_has_sentences_and_traits_and_no_value_of_anybody() -> None:
    """The answer has ids; one that comes twice counts as missing."""
    prompt = build_choice_prompt(pool(), [Request(cut(), [AWAY]), Request(cut(), [], "wrong")], ANY)
    assert prompt.data["must"] == ["⟦first_name⟧", "⟦offer⟧", "⟦code⟧"]
    assert prompt.data["people"] == [{"id": "1", "traits": [AWAY]}, {"id": "2", "traits": [], "error": "wrong"}]
    assert {"id": "a3", "place": "argument", "text": "We have missed you.", "for": [AWAY]} in prompt.data["sentences"]
    assert "Asha" not in str(prompt.data)
    answer = [{"id": id_, "subject": "s1", "sentences": ["o1"]} for id_ in ("1", "2", "2")]
    assert parse_choices({"messages": answer}, 2) == [Choice("s1", ("o1",)), None]
    with pytest.raises(Invalid):
        parse_choices({"messages": [{"id": "1", "sentences": "o1"}]}, 2)


def test_sets_are_equal_if_their_sentences_are() -> None:
    """So that two instances that read the same document share nothing but the answer."""
    assert SentenceSet.create(SENTENCES) == SentenceSet.create(list(SENTENCES))
    assert SentenceSet.create(SENTENCES) != SentenceSet.create(SENTENCES[1:])
