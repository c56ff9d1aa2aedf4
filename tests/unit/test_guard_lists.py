"""A thousand texts for many shops: no bad sentence stays, and few good texts are lost or shortened."""

from __future__ import annotations

import pytest

from common.events import MessageTemplate
from common.guard.findings import Background, Prose
from common.guard.vocabulary import VOCABULARY, is_everyday, sound
from common.messages.slots import cut_message
from common.messages.templates import MessageText
from common.writing.check import UNREAD, check
from common.writing.mend import REPAIR, check_or_mend
from common.writing.splitting import sentences_of
from tests.guard_corpus.shop_texts import VALUES, judged, ordinary_sentences, shops_of, stays

MESSAGE = cut_message(
    MessageTemplate(
        subject="New for {{ first_name }}",
        body="Hi {{ first_name }},\n\nthe new boots are here. You get 10% off with BOOT10: "
        "https://shop.example/new\n\nYour shop",
    ),
    VALUES,
)
GOOD = "Hi ⟦first_name⟧, what a lovely morning. Here is ⟦offer⟧ with ⟦code⟧: ⟦link⟧"


@pytest.mark.parametrize(("name", "refused"), [("a", 0.03), ("b", 0.03), ("c", 0.05), ("d", 0.03), ("e", 0.03)])
def test_lists_of_many_shops(name: str, refused: float) -> None:
    """At most two bad sentences of a hundred stay. Good texts rarely become the template; some lose a sentence."""
    result = judged(name)
    assert result.good == result.bad == 100
    assert len(result.passed) <= 0.02 * result.bad, result.passed
    assert len(result.refused) <= refused * result.good, result.refused
    assert len(result.shortened) <= 0.35 * result.good, result.shortened


@pytest.mark.parametrize(
    ("name", "passed", "refused", "shortened"), [("f", 0.0, 0.03, 0.1), ("g", 0.05, 0.15, 0.3)], ids=["f", "held out"]
)
def test_lists_of_six_languages(name: str, passed: float, refused: float, shortened: float) -> None:
    """`f` was used to mend the guard; `g` was run once, afterwards: its rates are the honest ones."""
    result = judged(name)
    assert result.good == result.bad == 150
    assert len(result.passed) <= passed * result.bad, result.passed
    assert len(result.refused) <= refused * result.good, result.refused
    assert len(result.shortened) <= shortened * result.good, result.shortened


def test_bad_sentences_of_ordinary_words_are_found() -> None:
    """ "Your fern is here": what promises by its form, though each of its words is harmless."""
    shops = {shop.name: shop for shop in shops_of("f")}
    assert [said for name, said in ordinary_sentences() if stays(said, shops[name])] == []


@pytest.mark.parametrize(("goods", "is_found"), [("tea", True), ("boots", False), ("boot", False), ("season", False)])
def test_new_goods_are_those_of_the_message(goods: str, is_found: bool) -> None:
    """A small model spoke of "our new tea", whatever the shop sold."""
    body = GOOD.replace("what a lovely morning", f"what a lovely morning, and this is our new {goods}")
    assert (check(MessageText("Hello ⟦first_name⟧", body), MESSAGE).problem is not None) == is_found


def mended(body: str, subject: str = "Hello ⟦first_name⟧") -> str:
    """What is left of a body that has a problem."""
    assert check(MessageText(subject, body), MESSAGE).text is None
    checked = check_or_mend(MessageText(subject, body), MESSAGE)
    assert checked.slotted is not None, checked.problem
    assert REPAIR in checked.repairs
    assert all(checked.slotted.body.count(f"⟦{name}⟧") == 1 for name in MESSAGE.slots)
    return checked.slotted.body


def test_sentence_without_slots_is_left_out() -> None:
    """The others stay as they are."""
    assert mended(f"Boots last for decades. {GOOD}") == GOOD


def test_sentence_with_slots_becomes_the_managers() -> None:
    """Other sentences with slots of the manager's sentence go, so that each slot stands once."""
    body = mended("Hi ⟦first_name⟧, what a lovely morning. Everybody pays ⟦offer⟧ less. Use ⟦code⟧ here: ⟦link⟧")
    assert body.startswith("Hi ⟦first_name⟧, what a lovely morning. ")
    assert body.endswith("⟦offer⟧ with ⟦code⟧: ⟦link⟧")
    assert "pays" not in body


def test_subject_with_a_problem_becomes_the_managers() -> None:
    """The body stays."""
    checked = check_or_mend(MessageText("You won a car, ⟦first_name⟧", GOOD), MESSAGE)
    assert checked.slotted == MessageText("New for ⟦first_name⟧", GOOD)


def test_good_text_stays_as_it_is() -> None:
    """Nothing is repaired."""
    checked = check_or_mend(MessageText("Hello ⟦first_name⟧", GOOD), MESSAGE)
    assert checked.slotted == MessageText("Hello ⟦first_name⟧", GOOD)
    assert REPAIR not in checked.repairs


@pytest.mark.parametrize(
    "body",
    [
        GOOD.replace("lovely morning", "lovely morning at evil.example"),
        GOOD.replace(" with ⟦code⟧", ""),
        "Hi ⟦first_name⟧, we pay your ⟦offer⟧ with ⟦code⟧: ⟦link⟧",
    ],
    ids=["link", "slot that is missing", "nothing of it left"],
)
def test_what_cannot_be_mended_is_the_template(body: str) -> None:
    """A link, a problem of slots, and texts of which nothing would be left."""
    assert check_or_mend(MessageText("Hello ⟦first_name⟧", body), MESSAGE).text is None


def test_sentences_end_outside_slots() -> None:
    """The name of an attribute has a dot."""
    text = "Hi ⟦attributes.plan⟧, see this. And that!\n\nBye"
    assert sentences_of(text) == ["Hi ⟦attributes.plan⟧, see this. ", "And that!\n\n", "Bye"]


def unknown(text: str, **background: str) -> list[str]:
    words = frozenset(background.get("words", "").split())
    prose = Prose(text, Background(language=background.get("language", "en"), words=words))
    return [finding.text for finding in VOCABULARY.find(prose)]


def test_words_outside_the_vocabulary_are_found() -> None:
    """Names, proofs and services are no everyday words."""
    assert unknown("Dermatologists and Meera recommend our cosy evenings.") == ["Dermatologists", "Meera", "recommend"]
    assert unknown("Doston ke saath ek shaam, Sunita ke bharose.", language="hi") == ["Sunita"]


def test_words_of_the_message_may_be_used_in_other_forms() -> None:
    """The plural, for instance."""
    assert unknown("Scarves and crampons", words="scarf crampon") == []
    assert unknown("crampons") == ["crampons"]


def test_hindi_words_are_known_in_either_script() -> None:
    """However they are spelled in Latin letters."""
    assert sound("सुबह") == sound("subah")
    assert sound("स्वागत") == sound("swagat") == sound("svaagat")
    assert is_everyday("mehsoos", hindi=True) or is_everyday("mahsoos", hindi=True)
    assert not is_everyday("subah", hindi=False)


def test_managers_own_sentences_need_no_check() -> None:
    """The guard takes "mat bichaiye" for a denial: who writes the message answers for it; nobody else may say it."""
    own = "Mat bichaiye, kitni achhi subah hai."
    template = MessageTemplate(subject="Mat bichaiye", body=f"Hey {{{{ first_name }}}},\n\n{own} Classes par 15% off.")
    message = cut_message(template, VALUES)
    facts = message.body.partition(own)[2].strip()
    written = f"Hey ⟦first_name⟧, subah ki hawa kitni achhi hai. {own} {facts}"
    assert check(MessageText("Mat bichaiye", written), message).problem is None
    changed = written.replace("Mat bichaiye, kitni", "Mat bichaiye, aaj kitni")
    assert check(MessageText("Mat bichaiye", changed), message).problem is not None
    assert check(MessageText("Mat padhiye", written), message).problem is not None


@pytest.mark.parametrize(
    ("language", "text", "is_found"),
    [
        ("de", "der Herbst ist die schönste Zeit für Briefe und Tee", False),
        ("de", "der Versand geht auf uns", True),
        ("de", "zu jedem Brief legen wir Tee", True),
        ("es", "las tardes de otoño piden galletas y manta", False),
        ("es", "es el pan más barato del barrio", True),
        ("es", "con cada pan hay galletas", True),
        ("de", "an Winterabenden klingt der Tag bei einer Lieblingssuppe aus", False),
        ("de", "wir haben angeklopft und ein wenig gelauscht", False),
        ("de", "am Winterabend gibt es Zugaben", True),
        ("es", "respira hondo y escucha cómo llueve", False),
        ("es", "respirarás mejor", True),
        ("fr", "une page blanche est une promenade", False),
        ("fr", "c'est l'automne, et nous rêvons d'un thé", False),
        ("fr", "nous vous offrons un thé", True),
        ("fr", "vous aurez un thé", True),
        ("fr", "der Herbst ist die schönste Zeit", True),
        ("it", "una pagina bianca", True),
    ],
)
def test_everyday_words_of_other_languages(language: str, text: str, is_found: bool) -> None:
    """In their own language "die" and "hand" are harmless; what is on no list is found."""
    prose = Prose(text, Background(language=language))
    assert any(any(validator.find(prose)) for validator in UNREAD) == is_found
