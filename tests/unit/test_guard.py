"""The guard: good texts pass, bad ones do not, facts are kept, and hostile lengths cost no time."""

from __future__ import annotations

import time
from collections.abc import Sequence
from itertools import product

import pytest

from common.events import MessageTemplate
from common.guard.findings import Background, Prose
from common.guard.validators import VALIDATORS
from common.messages.facts import find_facts
from common.messages.slots import SlottedMessage, cut_message
from common.messages.templates import MessageText
from common.writing.check import check
from common.writing.mend import check_or_mend
from tests.guard_corpus.bad_sentences import BAD, DANGEROUS
from tests.guard_corpus.further_sentences import FURTHER_BAD, FURTHER_GOOD
from tests.guard_corpus.good_sentences import CARRIERS, GOOD, MESSAGES, SUBJECTS
from tests.guard_corpus.third_sentences import GOOD as THIRD_GOOD
from tests.guard_corpus.third_sentences import HELD_OUT, LAST_BAD, LAST_GOOD, SEEN
from tests.guard_corpus.whole_texts import WHOLE_TEXTS, WholeTexts

VALUES = {"first_name": "Asha", "name": "Asha Rao", "city": "Pune"}
CUT: dict[str, SlottedMessage] = {name: cut_message(message, VALUES) for name, message in MESSAGES.items()}


def with_sentence(message: str, sentence: str) -> MessageText:
    """A good text for the message, with a sentence more."""
    return MessageText(subject=SUBJECTS[message], body=CARRIERS[message].replace("{sentence}", sentence))


def passes(message: str, sentence: str) -> bool:
    return check(with_sentence(message, sentence), CUT[message]).text is not None


def refused(cases: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Of good sentences those whose text becomes the template. At most one in eight is replaced or left out."""
    lost = [case for case in cases if not passes(*case)]
    assert len(lost) <= 0.125 * len(cases), lost
    return [(name, line) for name, line in lost if check_or_mend(with_sentence(name, line), CUT[name]).text is None]


def test_table_has_over_three_hundred_texts() -> None:
    """Half of them are good."""
    bad = [sentence for sentences in BAD.values() for sentence in sentences]
    good = [(message, sentence) for message, sentences in GOOD.items() for sentence in sentences]
    assert len(set(bad)) == len(bad) >= 200
    assert len(set(good)) == len(good) >= 200


@pytest.mark.parametrize("message", MESSAGES)
def test_bad_sentences_are_refused(message: str) -> None:
    """Of the dangerous kinds none passes, of the others at most two in a hundred."""
    passed = {
        kind: [sentence for sentence in sentences if passes(message, sentence)] for kind, sentences in BAD.items()
    }
    assert {kind: texts for kind, texts in passed.items() if texts and kind in DANGEROUS} == {}
    others = [sentence for kind, sentences in BAD.items() if kind not in DANGEROUS for sentence in sentences]
    assert sum(map(len, passed.values())) <= 0.02 * len(others)


def test_good_sentences_pass() -> None:
    """No text becomes the template, and no fact of the message is lost."""
    cases = [(message, sentence) for message, sentences in GOOD.items() for sentence in sentences]
    assert refused(cases) == []
    for message, sentence in cases:
        if passes(message, sentence):
            text = check(with_sentence(message, sentence), CUT[message]).text
            slots = CUT[message].required("body")
            assert text is not None
            assert all(text.body.count(CUT[message].slots[name].text) >= 1 for name in slots)
            assert sentence in text.body


def test_sentences_written_after_the_guard_are_judged_rightly() -> None:
    """None of the bad ones passes in any message; no good one makes a text the template."""
    bad = [sentence.strip() for sentence in FURTHER_BAD.strip().splitlines()]
    assert [sentence for sentence in bad for message in MESSAGES if passes(message, sentence)] == []
    assert (
        refused(
            [(name, line.strip()) for name, text in FURTHER_GOOD.items() for line in text.splitlines() if line.strip()]
        )
        == []
    )


@pytest.mark.parametrize("message", MESSAGES)
def test_paraphrased_promises_are_refused(message: str) -> None:
    """Commitments have a form, whatever words they are said in: none of these passes, nearly all good ones do."""
    bad = [line.strip() for text in (SEEN, HELD_OUT, LAST_BAD) for line in text.strip().splitlines()]
    good = [line.strip() for text in (THIRD_GOOD, LAST_GOOD) for line in text.strip().splitlines()]
    assert [sentence for sentence in bad if passes(message, sentence)] == []
    assert refused([(message, sentence) for sentence in good]) == []


@pytest.mark.parametrize("trade", WHOLE_TEXTS.values(), ids=WHOLE_TEXTS.keys())
def test_subjects_of_commerce_are_closed(trade: WholeTexts) -> None:
    """In any trade, what the message does not speak of is refused, and everyday prose about it is not."""
    message = cut_message(MessageTemplate(subject="Hello", body=trade.message), VALUES)

    def is_clean(text: str) -> bool:
        prose = Prose(text, message.background)
        return not any(True for validator in VALIDATORS for _ in validator.find(prose))

    assert [text for text in trade.bad if is_clean(text)] == []
    refused = [text for text in trade.good if not is_clean(text)]
    assert len(refused) <= 1, refused


@pytest.mark.parametrize("message", MESSAGES)
def test_managers_own_message_passes(message: str) -> None:
    """What Gemini copies from the message is good."""
    cut = CUT[message]
    checked = check(MessageText(cut.subject, cut.body), cut)
    assert checked.text == cut.plain_text, checked.problem


GIFTS = (
    "free",
    "complimentary",
    "gratis",
    "on the house",
    "at no cost",
    "half off",
    "half price",
    "half-price",
    "two for one",
    "twenty percent off",
    "a third off",
    "cheaper than ever",
    "guaranteed for life",
    "interest-free",
    "50% off",
    "₹500 only",
    "muft",
    "bilkul free",
    "aadhe daam par",
    "आधे दाम पर",
    "मुफ़्त",
    "बीस प्रतिशत कम",
)
FRAMES = (
    "The {thing} is {gift}.",
    "Your {thing} comes {gift}.",
    "Enjoy a {thing}, {gift}!",
    "Come for a {thing} ({gift}).",
    "{gift}: every {thing} in the shop!",
    "Did you know? The {thing} is {gift} for you…",
    "You can have the {thing} {gift}, just ask",
    "Aapke liye {thing} {gift} hai!",
    "आपके लिए {thing} {gift} है।",
)
THINGS = ("coat", "second scarf", "delivery", "coffee", "shawl")


@pytest.mark.parametrize("gift", GIFTS)
def test_promises_in_any_frame_are_refused(gift: str) -> None:
    """However the sentence is built."""
    sentences = [frame.format(thing=thing, gift=gift) for frame, thing in product(FRAMES, THINGS)]
    assert [sentence for sentence in sentences for message in MESSAGES if passes(message, sentence)] == []


HOSTILE = {
    "digits": "1",
    "letters": "a",
    "digits and signs": "0-",
    "dots": "a.",
    "at": "a@",
    "amounts": "₹1 ",
    "percent": "%",
    "promises": "free ",
    "limits": "up to ",
    "capitals": "A-",
    "brackets": "[",
    "slots": "⟦",
    "braces": "{{",
    "stars": "**",
    "tags": "<a ",
    "schemes": "a:b",
    "slashes": "a/",
    "blanks": " ",
    "marks": "\u0301",
    "spelled": "f r ",
    "names": "Asha ",
    "hindi": "तक ",
}


@pytest.mark.parametrize("piece", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_lengths_take_linear_time(piece: str) -> None:
    """Four times the text takes less than ten times as long: for each validator, for the cut, for the whole check."""

    def seconds(length: int) -> float:
        text = (piece * length)[:length]
        started = time.process_time()
        for validator in VALIDATORS:
            list(validator.find(Prose(text, Background())))
        find_facts(text)
        check(MessageText("Hi", text), CUT["offer"])
        return time.process_time() - started

    seconds(500)  # builds what is built at the first use
    # Once is enough: a busy machine slows down any of them.
    assert any(seconds(7_900) < 10 * seconds(1_975) + 0.5 for _ in range(3))
