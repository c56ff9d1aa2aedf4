"""The languages that Gemini writes in, and how the records of people name them."""

from __future__ import annotations

from collections.abc import Mapping

LANGUAGE_NAMES: Mapping[str, tuple[str, ...]] = {
    "en": ("en", "english", "eng", "en-in", "en-gb", "en-us", "अंग्रेज़ी", "अंग्रेजी"),
    "hi": ("hi", "hindi", "hin", "hi-in", "हिन्दी", "हिंदी"),
}
"""By language: what `attributes.language` of a person may say, in lower case."""

LANGUAGE_FIELD = "attributes.language"


def language_named(value: object) -> str | None:
    """The language that a person's record names; None if it is another one, or none."""
    name = str(value).strip().lower().replace("_", "-")
    return next((language for language, names in LANGUAGE_NAMES.items() if name in names), None)
