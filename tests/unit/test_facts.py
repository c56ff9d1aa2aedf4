"""Cutting a message into prose and facts, and the slots for them."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.events import MessageTemplate
from common.guard.findings import Background, Prose
from common.guard.folding import FACT_MARK, VALUE_MARK
from common.guard.promises import PROMISES, find_in_message
from common.guard.validators import FACT_VALIDATORS
from common.guard.written_dates import find_written_dates
from common.messages.facts import find_facts, topics_of
from common.messages.slots import cut_message, message_facts
from common.writing.check import WITHOUT_LIMITS


def facts(text: str, *marked: str) -> list[tuple[str, str]]:
    return [(text[fact.start : fact.end], fact.kind) for fact in find_facts(text, marked=marked)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Here is 15% off your next order, with the code WELCOME15, until Sunday.",
            [("15% off your next order", "offer"), ("WELCOME15", "code"), ("until Sunday", "until")],
        ),
        (
            "Up to 50% off selected styles on orders above ₹1,500 until Sunday 18:00 with code FEST50.",
            [
                ("Up to 50% off selected styles on orders above ₹1,500", "offer"),
                ("until Sunday 18:00", "until"),
                ("FEST50", "code"),
            ],
        ),
        (
            "See https://shop.example/winter. Questions? help@shop.example or 1800 266 100.",
            [
                ("https://shop.example/winter", "link"),
                ("help@shop.example", "email"),
                ("1800 266 100", "phone"),
            ],
        ),
        ("Spend ₹2,000 and get ₹200 off.", [("Spend ₹2,000 and get ₹200 off", "amount")]),
        ("20% off coats and 30% off shoes!", [("20% off coats and 30% off shoes", "offer")]),
        ("Free delivery on all orders. Come by.", [("Free delivery on all orders", "promise")]),
        ("Buy 2 get 1 free.", [("Buy 2 get 1 free", "promise")]),
        ("Buy one get one free this week.", [("Buy one get one free", "promise"), ("this week", "until")]),
        ("Your code: vipnow. See you!", [("vipnow", "code")]),
        ("Sale ends 30/11/2026 at 6 pm.", [("Sale ends 30/11/2026 at 6 pm", "until")]),
        ("We have 3 new shops near you, come in.", [("3 new shops near you", "number")]),
        (
            "₹1,500 से ऊपर के ऑर्डर पर 15% की छूट, कोड SARDI15 से, रविवार तक।",
            [("₹1,500 से ऊपर के ऑर्डर पर 15% की छूट", "offer"), ("SARDI15", "code"), ("रविवार तक", "until")],
        ),
        (
            "Aapke liye 20% chhoot, code FEST20 ke saath, Sunday tak!",
            [("20% chhoot", "offer"), ("FEST20", "code"), ("Sunday tak", "until")],
        ),
        ("Come and see our new winter collection. We thought of you today.", []),
        (f"You have {VALUE_MARK} points.", [(f"{VALUE_MARK} points", "promise")]),
        (f"Enjoy {VALUE_MARK}% off, {VALUE_MARK}.", [(f"{VALUE_MARK}% off", "offer")]),
    ],
)
def test_facts_have_the_words_that_limit_them(text: str, expected: list[tuple[str, str]]) -> None:
    """Links, codes, offers with their conditions, deadlines, counts, promises."""
    assert facts(text) == expected


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("Auf alles 10% Rabatt. {}. Wir freuen uns auf dich.", "Bis 30. September"),
        ("Hallo, {} bekommst du 15% auf Kräuter.", "bis 30. September"),
        ("Hallo, {} sparst du 10% auf alle Becher.", "bis zum 3. Oktober 2026"),
        ("Hallo, {} gibt es 10% auf Becher.", "vom 1. bis 15. Mai"),
        ("Hallo, {} gibt es 10% auf Becher.", "bis Freitag, den 30. September, 18 Uhr"),
        ("Hallo, {} gibt es 10% auf Becher.", "bis 30.9."),
        ("Hallo, {} gibt es 10% auf Becher.", "bis 30.09.2026"),
        ("Der Laden ist {} geschlossen.", "am 24. und 25. Dezember"),
        ("15% sur les brioches {}.", "jusqu'au 1er octobre"),
        ("Bonjour, {}, 15% sur les brioches.", "du 1er au 15 mai"),
        ("Bonjour, {}, 15% sur les brioches.", "jusqu'au dimanche 30 septembre 2026 à 18 h"),
        ("Tienes un 10% de descuento {}.", "hasta el 30 de septiembre"),
        ("Hola, {}, 10% en meriendas.", "hasta el 30 de septiembre de 2026 a las 18:00"),
        ("Hola, {}, 10% en meriendas.", "del 1.º al 15 de mayo"),
        ("सभी मिठाइयों पर 10% की छूट, {}।", "30 सितंबर 2026 की शाम 6 बजे तक"),
        ("नमस्ते, {} सभी मिठाइयों पर 10% की छूट।", "1 से 15 मई तक"),
        ("Sabhi classes par 20% off, {}.", "30 September tak"),
        ("10% off all pots {}. See you.", "until 30th September 2026"),
        ("10% off all pots {}. See you.", "until Sept. 30"),
        ("Tem 10% em bolos {}.", "até 30 de setembro"),
        ("Hai il 10% sulle torte {}.", "fino al 1° maggio"),
        ("Je krijgt 10% korting {}.", "tot en met 30 september"),
    ],
)
def test_date_is_one_fact(text: str, date: str) -> None:
    """With its day, month, year and time, in each language: "30." ends no sentence."""
    assert (date, "until") in facts(text.format(date))
    assert [fact for fact in facts(text.format(date)) if fact[1] in {"until", "number", "code", "phone"}] == [
        (date, "until")
    ]


def test_german_verb_is_no_time_zone() -> None:
    """ "6 pm IST" is a time; "Mai ist" is not."""
    assert facts("Sale ends at 6 IST.") == [("Sale ends at 6 IST", "until")]
    assert facts("Mai ist schön.") == [("Mai", "until")]


def test_dates_are_found_in_linear_time() -> None:
    """Half a megabyte of what looks like dates takes no seconds."""
    started = time.perf_counter()
    for piece in ("1. ", "bis zum ", "30 de ", "1 to ", "12.12."):
        list(find_written_dates(piece * 20_000 + "1"))
    assert time.perf_counter() - started < 5


def test_marked_phrases_are_facts() -> None:
    """Whatever the manager marks stays as it is."""
    assert facts("Made by hand in Kashmir, every one.", "made by hand") == [("Made by hand", "marked")]


WORDS = st.sampled_from(
    f"free win 15% ₹500 {VALUE_MARK} code SAVE15 until Sunday to the of and order up half मुफ़्त तक https://a.example "
    "a@b.example come see us , . ! 5 December only on all no minimum 98220 12010 ( ) hurry today शुरू".split()
)


@given(st.lists(WORDS, max_size=30))
def test_what_is_left_of_a_message_passes_the_guard(words: list[str]) -> None:
    """No promise, number, link or date is left outside the facts; they do not overlap."""
    text = " ".join(words)
    found = find_facts(text)
    assert all(left.end <= right.start for left, right in pairwise(found))
    rest, position = "", 0
    for fact in found:
        rest += text[position : fact.start] + (VALUE_MARK if fact.kind in WITHOUT_LIMITS else FACT_MARK)
        position = fact.end
    prose = Prose(rest + text[position:], Background(topics=frozenset({"code"})))
    for validator in FACT_VALIDATORS:
        findings = find_in_message(prose) if validator is PROMISES else validator.find(prose)
        assert list(findings) == []


MESSAGE = MessageTemplate(
    subject="{{ first_name }}, 15% off",
    body="Hi {{ first_name }}{% if city %} in {{ city }}{% endif %}, enjoy 15% off with SAVE15. "
    "Your plan: {{ attributes.plan }}.",
    marked=("your plan",),
)


def test_cut_message_gives_each_fact_and_value_a_slot() -> None:
    """What reads the same has one slot, also in subject and body; filled, the text is the manager's."""
    values = {"first_name": "Asha", "city": "Pune", "attributes": {"plan": "gold"}}
    message = cut_message(MESSAGE, values)
    assert message.subject == "⟦first_name⟧, ⟦offer⟧"
    assert message.body == "Hi ⟦first_name⟧ in ⟦city⟧, enjoy ⟦offer⟧ with ⟦code⟧. ⟦phrase⟧: ⟦attributes.plan⟧."
    assert {slot.name: slot.text for slot in message.slots.values()} == {
        "first_name": "Asha",
        "offer": "15% off",
        "city": "Pune",
        "code": "SAVE15",
        "phrase": "Your plan",
        "attributes.plan": "gold",
    }
    assert message.plain_text.body == "Hi Asha in Pune, enjoy 15% off with SAVE15. Your plan: gold."


def test_shape_depends_on_the_choices_and_not_on_the_values() -> None:
    """Recipients of one shape can be written for in one call."""
    asha = cut_message(MESSAGE, {"first_name": "Asha", "city": "Pune"})
    ravi = cut_message(MESSAGE, {"first_name": "Ravi", "city": "Agra"})
    nobody = cut_message(MESSAGE, {"first_name": "Asha"})
    assert asha.shape == ravi.shape != nobody.shape


def test_message_facts_for_an_editor_need_no_recipient() -> None:
    """Every field has an example."""
    assert message_facts(MESSAGE).body.startswith("Hi ⟦first_name⟧ in ⟦city⟧, enjoy ⟦offer⟧")


def test_reserved_signs_in_a_message_are_dropped() -> None:
    """A manager cannot write a slot by hand."""
    message = cut_message(MessageTemplate(subject="Hi", body=f"Hi ⟦offer⟧ {VALUE_MARK}{FACT_MARK}you"), {})
    assert (message.body, dict(message.slots)) == ("Hi offer you", {})


def test_topics_of_a_message() -> None:
    """What a text may speak of without a slot."""
    assert topics_of("15% off with code A until Sunday") == {"discount", "code", "deadline"}
    assert topics_of("A gift with every delivery") == {"gift", "delivery"}
    assert topics_of("Come and see us") == frozenset()
