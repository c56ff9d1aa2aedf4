"""The words that Herald itself writes to people are in the language of their message."""

from __future__ import annotations

import re
from dataclasses import fields
from typing import get_args

import pytest

from common.catalogue.languages import LANGUAGE_NAMES
from common.mail.language import FREQUENT_WORDS, direction, mail_language
from common.mail.layout import MailLook, render_html, render_text
from common.mail.texts import TEXTS, texts_in
from common.mail.texts.shared import FormStep, MessageStep, PageTexts, RecipientTexts

LOOK = MailLook(MAIL_SHOP_NAME="Chai & Co", MAIL_POSTAL_ADDRESS="1 MG Road, Pune")
UNSUBSCRIBE, VIEW = "https://herald.example/api/unsubscribe/t", "https://herald.example/api/view/t"
HOSTILE = ['"><script>alert(1)</script>', "hi\r\nX-Header: 1", "../../etc", "__class__", "EN", " hi", "x" * 100_000, ""]


def html(body: str, language: str | None) -> str:
    return render_html(body, subject="A", look=LOOK, unsubscribe_url=UNSUBSCRIBE, view_url=VIEW, language=language)


@pytest.mark.parametrize(
    ("language", "view", "unsubscribe"),
    [
        ("en", "View in browser", "Unsubscribe"),
        ("hi", "ब्राउज़र में देखें", "सदस्यता छोड़ें"),
        ("es", "Ver en el navegador", "Darse de baja"),
        ("fr", "Voir dans le navigateur", "Se désabonner"),
        ("de", "Im Browser ansehen", "Abmelden"),
        ("pt", "Ver no navegador", "Cancelar inscrição"),
    ],
)
def test_footer_is_in_the_language_of_the_message(language: str, view: str, unsubscribe: str) -> None:
    """The links of both parts of a mail; what the manager has written stays."""
    page = html("…", language)
    links = re.findall(r'<a (lang="..")? ?[^>]*>([^<]*)</a>', page.partition('class="footer"')[2])
    assert links == [("", view), ("", unsubscribe)]
    assert f'<html lang="{language}" dir="ltr">' in page
    assert '<span dir="auto">Chai &amp; Co</span><br><span dir="auto">1 MG Road, Pune</span>' in page
    plain = render_text("…", look=LOOK, unsubscribe_url=UNSUBSCRIBE, view_url=VIEW, language=language)
    assert plain.endswith(f"Chai & Co\n1 MG Road, Pune\n{view}: {VIEW}\n{unsubscribe}: {UNSUBSCRIBE}\n")


@pytest.mark.parametrize(("language", "written"), [("ar", "rtl"), ("ur", "rtl"), ("ta", "ltr"), (None, "auto")])
def test_message_in_another_language_has_a_footer_in_english_and_says_so(language: str | None, written: str) -> None:
    """A program that reads the mail aloud, or lays it out from right to left, reads these words as English."""
    page = html("…", language)
    assert f'<html lang="{language or ""}" dir="{written}">' in page
    assert re.findall(r'<a lang="en" dir="ltr" [^>]*>([^<]*)</a>', page) == ["View in browser", "Unsubscribe"]


def test_every_language_has_every_text() -> None:
    """None is empty, none is missing, and none was left in English."""
    for language, texts in TEXTS.items():
        assert language in LANGUAGE_NAMES
        assert set(texts.message_pages) == set(get_args(MessageStep))
        assert set(texts.form_pages) == set(get_args(FormStep))
        for name, shown in _all_texts(texts):
            english = dict(_all_texts(TEXTS["en"]))[name]
            assert bool(shown) == bool(english), f"{language} {name}"
            assert not shown or language == "en" or shown != english, f"{language} {name}"
            assert shown == shown.strip()


def _all_texts(texts: RecipientTexts) -> list[tuple[str, str]]:
    """All texts of a language with their names."""
    found = [(one.name, getattr(texts, one.name)) for one in fields(texts) if not one.name.endswith("_pages")]
    pages: list[tuple[str, PageTexts]] = [
        *((f"message {step}", page) for step, page in texts.message_pages.items()),
        *((f"form {step}", page) for step, page in texts.form_pages.items()),
    ]
    return [*found, *((f"{name} {part}", text) for name, page in pages for part, text in page._asdict().items())]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Dear Asha, your order is on the way", "en"),
        ("प्रिय आशा, आपका ऑर्डर रास्ते में है", "hi"),
        ("प्रिय आशा, iPhone पर छूट", "hi"),
        ("Hola, Asha: nuestra tienda está abierta para usted", "es"),
        ("Chère Asha, votre commande est dans notre boutique", "fr"),
        ("Liebe Asha, wir haben etwas für Sie", "de"),
        ("Sie haben uns um **Angebote** gebeten.", "de"),
        ("Nur heute: alles um 10 % billiger", "de"),
        ("Confirme su dirección de correo", "es"),
        ("Veuillez confirmer votre adresse", "fr"),
        ("Confirme seu endereço de e-mail", "pt"),
        ("Please confirm", "en"),
        ("Olá, Asha: a sua loja não fecha mais cedo", "pt"),
        ("Cara Asha, il tuo ordine è nel nostro negozio per te", "it"),
        ("Beste Asha, het is niet meer ver naar onze winkel", "nl"),
        ("Sale!", "en"),
        ("50 %", "en"),
        ("", "en"),
        ("Aapka order aa gaya hai", "en"),
        ("Dear Asha: https://shop.example/het/een/voor/met or write to das.und.ist@shop.example", "en"),
        ("عزيزتي آشا، طلبك في الطريق", None),
        ("Дорогая Аша, ваш заказ в пути", None),
        ("亲爱的阿莎 您的订单已发货", None),
    ],
)
def test_language_of_a_text_is_told_by_its_words(text: str, language: str | None) -> None:
    """In doubt it is English; addresses say nothing, and another script is neither English nor Hindi."""
    assert mail_language("default", "", text) == language


def test_named_language_counts_more_than_the_words() -> None:
    """A manager has said which language the text is in."""
    assert mail_language("mr", "प्रिय आशा, तुमची ऑर्डर") == "mr"
    assert mail_language("ur", "Sale!") == "ur"


def test_each_language_with_texts_can_be_told() -> None:
    """Each has frequent words, and as many of its own as any; Hindi is told by its letters."""
    assert set(TEXTS) - {"hi"} < set(FREQUENT_WORDS)
    for language, words in FREQUENT_WORDS.items():
        assert mail_language(None, " ".join(words)) == language


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_language_is_english(hostile: str) -> None:
    """A claim that somebody has damaged, or a link that somebody has changed, puts nothing into a page."""
    assert mail_language(hostile, "Dear Asha, this is your order") == "en"
    assert texts_in(hostile) is TEXTS["en"]
    assert direction(hostile) == "ltr"
    page = html("…", hostile)
    assert "<script" not in page
    assert "View in browser" in page
