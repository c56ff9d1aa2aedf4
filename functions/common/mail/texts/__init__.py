"""The words that Herald itself writes to people: the footer of a mail, and the pages behind its links.

One module for each language; `texts_in` finds it. What a manager has written is not here: the message, the name and the
address of the organization, topics, what people read who have sent a form.
"""

from __future__ import annotations

from collections.abc import Mapping

from .english import ENGLISH
from .french import FRENCH
from .german import GERMAN
from .hindi import HINDI
from .portuguese import PORTUGUESE
from .shared import RecipientTexts
from .spanish import SPANISH

DEFAULT_LANGUAGE = "en"
TEXTS: Mapping[str, RecipientTexts] = {
    "en": ENGLISH,
    "hi": HINDI,
    "es": SPANISH,
    "fr": FRENCH,
    "de": GERMAN,
    "pt": PORTUGUESE,
}
"""By language, as in `common/catalogue/languages.py`."""


def known_language(language: str | None) -> str:
    """The language itself if there are texts in it, otherwise English."""
    return language if language and language in TEXTS else DEFAULT_LANGUAGE


def texts_in(language: str | None) -> RecipientTexts:
    """The texts in the language; in English if there are none."""
    return TEXTS[known_language(language)]
