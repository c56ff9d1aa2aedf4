"""The check of a generated text: slots, repairs, size."""

from __future__ import annotations

import pytest

from common.events import MessageTemplate
from common.messages.slots import cut_message
from common.messages.templates import MessageText
from common.writing.check import Checked, check

TEMPLATE = MessageTemplate(
    subject="{{ first_name }}, a surprise",
    body="Hi {{ first_name }},\n\nhere is 15% off coats with the code SAVE15 until Sunday: "
    "https://shop.example/coats. Bye!",
)
MESSAGE = cut_message(TEMPLATE, {"first_name": "Asha"})
SUBJECT = "⟦first_name⟧, ⟦promise⟧"
BODY = "Hello ⟦first_name⟧, enjoy ⟦offer⟧ with ⟦code⟧ ⟦until⟧: ⟦link⟧"


def checked(body: str, subject: str = SUBJECT) -> Checked:
    return check(MessageText(subject=subject, body=body), MESSAGE)


def test_slots_are_filled() -> None:
    """The text has the manager's facts and the recipient's values."""
    text = checked(BODY).text
    assert text is not None
    assert text.subject == "Asha, a surprise"
    assert text.body == ("Hello Asha, enjoy 15% off coats with SAVE15 until Sunday: https://shop.example/coats")


@pytest.mark.parametrize(
    ("body", "repair"),
    [
        (BODY.replace("⟦offer⟧", "15% off coats"), "verbatim"),
        (BODY.replace("⟦first_name⟧", "Asha").replace("⟦link⟧", "https://shop.example/coats"), "verbatim"),
        (BODY.replace("⟦offer⟧", "{{ offer }}").replace("⟦code⟧", "[code]"), "brackets"),
        (BODY.replace("enjoy", "**enjoy**"), "emphasis"),
        (BODY.replace(", ", ",\u00a0"), "spaces"),
    ],
)
def test_harmless_mistakes_are_repaired(body: str, repair: str) -> None:
    """Facts written out, other brackets, emphasis, unusual spaces."""
    result = checked(body)
    assert result.text == checked(BODY).text
    assert result.repairs == (repair,)


@pytest.mark.parametrize(
    ("body", "subject", "name"),
    [
        (BODY.replace("⟦code⟧", ""), SUBJECT, "slot"),
        (BODY.replace("⟦code⟧", "⟦code⟧ ⟦code⟧"), SUBJECT, "slot"),
        (BODY + " ⟦promise⟧", SUBJECT, "slot"),
        (BODY + " ⟦secret⟧", SUBJECT, "slot"),
        (BODY, "⟦first_name⟧, ⟦promise⟧ ⟦offer⟧", "slot"),
        (BODY, "⟦promise⟧", "slot"),
        (BODY.replace("⟦first_name⟧,", "⟦first_name⟧.example"), SUBJECT, "slot"),
        (BODY.replace("⟦link⟧", "⟦link⟧/pay"), SUBJECT, "slot"),
        (BODY.replace("⟦link⟧", "https://evil⟦link⟧"), SUBJECT, "slot"),
        (BODY.replace("⟦offer⟧", "2⟦offer⟧"), SUBJECT, "slot"),
        (BODY.replace("⟦offer⟧", "up to ⟦offer⟧"), SUBJECT, "limit"),
        (BODY.replace("⟦offer⟧", "⟦offer⟧ twice"), SUBJECT, "number_word"),
        (BODY.replace("⟦offer⟧", "more than ⟦offer⟧"), SUBJECT, "limit"),
        (BODY.replace("enjoy ⟦offer⟧", "no ⟦offer⟧"), SUBJECT, "assertion"),
        ("", SUBJECT, "empty"),
        (BODY, "  ", "empty"),
        (BODY + " Come and see us." * 200, SUBJECT, "too_long"),
        (BODY, SUBJECT + " come and see" * 20, "too_long"),
        (BODY + " \ue000", SUBJECT, "invisible"),
    ],
)
def test_texts_with_a_problem_are_refused(body: str, subject: str, name: str) -> None:
    """With the name of the check."""
    result = checked(body, subject)
    assert result.text is None
    assert result.problem is not None
    assert result.problem.name == name


def test_a_body_without_words_is_too_short() -> None:
    """Where the message has no slots."""
    message = cut_message(MessageTemplate(subject="News", body="Come and see our new coats in the shop."), {})
    for body in ("Hi", "...", "Hi there"):
        problem = check(MessageText("News", body), message).problem
        assert problem is not None
        assert problem.name in {"too_short", "placeholder"}


def test_a_message_without_subject_gets_none() -> None:
    """On a channel that shows no subject, whatever Gemini writes as one."""
    message = cut_message(MessageTemplate(subject="", body="Come and see our new coats in the shop."), {})
    text = check(MessageText("Win a car", "Come by and see what is new in the shop."), message).text
    assert text == MessageText(subject="", body="Come by and see what is new in the shop.")


def test_number_that_a_person_has_by_chance_is_not_theirs() -> None:
    """Gemini does not know it: as a slot it would be another number in everybody else's text."""
    template = MessageTemplate(subject="News", body="Hi {{ first_name }}, {{ orders }} orders: thank you for each.")
    message = cut_message(template, {"first_name": "Asha", "orders": 10})
    body = "Hi ⟦first_name⟧, our top 10 styles. ⟦orders⟧ orders: thank you for each."
    result = check(MessageText(subject="News", body=body), message)
    assert result.text is None
