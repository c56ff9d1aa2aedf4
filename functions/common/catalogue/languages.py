"""The languages of messages, and how the records of people name them."""

from __future__ import annotations

from collections.abc import Mapping

LANGUAGE_NAMES: Mapping[str, tuple[str, ...]] = {
    "ar": ("ar", "arabic", "ara", "العربية"),
    "as": ("as", "assamese", "asm", "অসমীয়া"),
    "bn": ("bn", "bengali", "bangla", "ben", "বাংলা"),
    "cs": ("cs", "czech", "ces", "čeština"),
    "da": ("da", "danish", "dan", "dansk"),
    "de": ("de", "german", "deu", "ger", "deutsch"),
    "el": ("el", "greek", "ell", "ελληνικά"),
    "en": ("en", "english", "eng", "अंग्रेज़ी", "अंग्रेजी"),
    "es": ("es", "spanish", "spa", "español", "espanol", "castellano"),
    "fa": ("fa", "persian", "farsi", "fas", "فارسی"),
    "fi": ("fi", "finnish", "fin", "suomi"),
    "fr": ("fr", "french", "fra", "fre", "français", "francais"),
    "gu": ("gu", "gujarati", "guj", "ગુજરાતી"),
    "he": ("he", "hebrew", "heb", "עברית"),
    "hi": ("hi", "hindi", "hin", "हिन्दी", "हिंदी"),
    "hu": ("hu", "hungarian", "hun", "magyar"),
    "id": ("id", "indonesian", "ind", "bahasa indonesia"),
    "it": ("it", "italian", "ita", "italiano"),
    "ja": ("ja", "japanese", "jpn", "日本語"),
    "kn": ("kn", "kannada", "kan", "ಕನ್ನಡ"),
    "ko": ("ko", "korean", "kor", "한국어"),
    "ml": ("ml", "malayalam", "mal", "മലയാളം"),
    "mr": ("mr", "marathi", "mar", "मराठी"),
    "ms": ("ms", "malay", "msa", "bahasa melayu"),
    "ne": ("ne", "nepali", "nep", "नेपाली"),
    "nl": ("nl", "dutch", "nld", "nederlands"),
    "no": ("no", "nb", "nn", "norwegian", "nor", "norsk"),
    "or": ("or", "odia", "oriya", "ori", "ଓଡ଼ିଆ"),
    "pa": ("pa", "punjabi", "pan", "ਪੰਜਾਬੀ"),
    "pl": ("pl", "polish", "pol", "polski"),
    "pt": ("pt", "portuguese", "por", "português", "portugues"),
    "ro": ("ro", "romanian", "ron", "română"),
    "ru": ("ru", "russian", "rus", "русский"),
    "si": ("si", "sinhala", "sin", "සිංහල"),
    "sv": ("sv", "swedish", "swe", "svenska"),
    "sw": ("sw", "swahili", "swa", "kiswahili"),
    "ta": ("ta", "tamil", "tam", "தமிழ்"),
    "te": ("te", "telugu", "tel", "తెలుగు"),
    "th": ("th", "thai", "tha", "ไทย"),
    "tr": ("tr", "turkish", "tur", "türkçe"),
    "uk": ("uk", "ukrainian", "ukr", "українська"),
    "ur": ("ur", "urdu", "urd", "اردو"),
    "vi": ("vi", "vietnamese", "vie", "tiếng việt"),
    "zh": ("zh", "chinese", "zho", "mandarin", "中文"),
}
"""By language: what `attributes.language` of a person may say, in lower case and before a region (`en-IN`, `pt_BR`)."""

LANGUAGE_FIELD = "attributes.language"
DEFAULT_TEXT = "default"
"""Instead of a language: the text for people whose language has none of its own."""

_BY_NAME = {name: language for language, names in LANGUAGE_NAMES.items() for name in names}


def language_named(value: object) -> str | None:
    """The language that a person's record names, in any case and of any region; None if it is another one, or none."""
    name = str(value).lower().replace("_", "-").partition("-")[0]
    return _BY_NAME.get(name.strip(" \t\r\n"))


LANGUAGE_KEY_SQL = r"trim(lower(regexp_extract(attributes ->> '$.language', '^[^-_]*')), E' \t\r\n')"
"""The name that `language_named` looks up, in DuckDB: of the table `customers`."""
