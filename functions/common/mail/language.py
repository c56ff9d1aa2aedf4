"""The language that a mail is written in, for the words that Herald adds to it, and for programs that read it aloud.

A campaign names the languages of the texts that it has for people of other languages. That of its main text, of a text
of Gemini and of the mail of a form is not named: their words tell it. A handful of frequent words is enough to tell
languages apart that Herald has words in, and those that could be taken for one of them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal

from common.catalogue.languages import LANGUAGE_NAMES

from .texts import DEFAULT_LANGUAGE

Direction = Literal["ltr", "rtl", "auto"]
RIGHT_TO_LEFT = frozenset({"ar", "fa", "he", "ur"})
MAX_LETTERS = 4_000
"""That much of a text is looked at."""
_ADDRESS = re.compile(r"[a-z]+:\S+|\S+@\S+|www\.\S+")
_WORD = re.compile(r"[^\W\d_]+")
_DEVANAGARI = re.compile(r"[\u0904-\u0939\u0958-\u0961]")
_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f]")
_OTHER = re.compile(r"[^\W\d_]")
FREQUENT_WORDS: Mapping[str, frozenset[str]] = {
    language: frozenset(words.split())
    for language, words in {
        "en": """
            the and you your for with our this that is are we have has from of to on at it not will can now if by be
            please here just only more thank thanks dear hello
        """,
        "es": """
            el los las y es para con por del su sus nuestro nuestra nuestros más ahora está usted te tu tus un una lo en
            que se ha han sin hoy solo si todo todos hola gracias querida querido estimada estimado
        """,
        "fr": """
            le les des vous votre vos et est pour avec nous dans une sur notre nos aux du chez ce cette plus un en que
            se ou par pas qui sont être ici tous tout bonjour merci cher chère
        """,
        "de": """
            der das und sie ihr ihre ihnen ist mit für wir nicht ein eine einen auf den dem von bei jetzt unser uns um
            haben hat sind nur heute zum zur im am auch oder wenn mehr alle bitte hallo danke liebe lieber du dein dich
        """,
        "pt": """
            os você seu sua suas é para com uma por não dos das nós nosso nossa mais agora um em ao está que se ou sem
            hoje só tudo todos olá obrigado obrigada cara caro
        """,
        "it": """
            il gli è con della delle dei che non tuo tua nostro nostra più ora sono ti una un nel alla di per si se o
            anche oggi solo tutto tutti ciao grazie cara caro gentile
        """,
        "nl": """
            het een en van voor met je uw jouw ons onze niet op zijn wij bij naar dit deze ook wordt of om is nu maar
            vandaag alle hallo dank beste
        """,
    }.items()
}
"""By language. Herald has no words in Italian and Dutch, but they are neither Spanish nor German."""


def mail_language(named: str | None, *texts: str) -> str | None:
    """The language of a mail's text: the one that is named, if it is one; otherwise as its words tell it, or English.

    None if it is in another script than English and Hindi.
    """
    if named in LANGUAGE_NAMES:
        return named
    text = _ADDRESS.sub(" ", " ".join(texts).lower()[:MAX_LETTERS])
    devanagari, latin = (len(script.findall(text)) for script in (_DEVANAGARI, _LATIN))
    if 2 * max(devanagari, latin) < len(_OTHER.findall(text)):
        return None
    return "hi" if devanagari > latin else _most_frequent(text)


def direction(language: str | None) -> Direction:
    """In which direction it is written; `auto`: a program is to look at the letters."""
    if language is None:
        return "auto"
    return "rtl" if language in RIGHT_TO_LEFT else "ltr"


def _most_frequent(text: str) -> str:
    """The language that most words of the text are frequent in; English if no other one has more than each."""
    words = _WORD.findall(text)
    found = {language: sum(word in known for word in words) for language, known in FREQUENT_WORDS.items()}
    most = max(found.values())
    languages = [language for language, number in found.items() if number == most]
    return languages[0] if len(languages) == 1 else DEFAULT_LANGUAGE
