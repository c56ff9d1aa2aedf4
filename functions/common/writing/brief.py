"""The brief: how a campaign and the deployment want texts to be written. Gemini is told, and code holds what it can.

Tone and instructions are wishes. The language, the length and the forbidden words are checked, and fields that are not
allowed are never turned into traits.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from common.catalogue.languages import language_named
from common.events import WritingStyle
from common.settings import HouseRuleSettings

from .traits import ALL_TRAITS, TRAIT_FIELDS

TONES: Mapping[str, str] = {
    "warm": "warm and friendly",
    "formal": "polite and formal",
    "playful": "light and playful",
    "plain": "plain and short, without flourish",
}
LENGTHS: Mapping[str, str] = {"short": "no longer than the message", "long": "up to twice as long as the message"}
LANGUAGES: Mapping[str, str] = {"en": "English", "hi": "Hindi, in Devanagari"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Brief:
    """How one recipient's text is to be written. Recipients with equal briefs can share a call."""

    tone: str | None = None
    length: str | None = None  # `short` or `long`; None: about as long as the message
    language: str | None = None  # `en` or `hi`; None: that of the message
    instructions: str = ""
    house_rules: str = ""
    forbidden: tuple[str, ...] = ()
    traits: tuple[str, ...] = ALL_TRAITS  # those that may be told

    @property
    def wishes(self) -> dict[str, Any]:
        """What Gemini is told, without what is not set."""
        told = {
            "tone": TONES.get(self.tone or ""),
            "length": LENGTHS.get(self.length or ""),
            "language": LANGUAGES.get(self.language or ""),
            "instructions": self.instructions,
            "house_rules": self.house_rules,
            "forbidden_words": list(self.forbidden),
        }
        return {name: value for name, value in told.items() if value}


def create_brief(style: WritingStyle, house: HouseRuleSettings, values: Mapping[str, Any]) -> Brief:
    """The brief for a recipient with these plain values."""
    attributes = values.get("attributes") or {}
    own = language_named(attributes.get("language")) if isinstance(attributes, Mapping) else None
    return Brief(
        tone=style.tone,
        length=style.length,
        language=(own if own in LANGUAGES else None) if style.language == "person" else style.language,
        instructions=style.instructions.strip(),
        house_rules=house.rules.strip(),
        forbidden=forbidden_words(style, house),
        traits=_allowed_traits(style.allowed_fields),
    )


def forbidden_words(style: WritingStyle, house: HouseRuleSettings) -> tuple[str, ...]:
    """Those of the campaign and of the deployment, each once."""
    return tuple(dict.fromkeys([*style.forbidden_words, *house.forbidden_words]))


def _allowed_traits(fields: tuple[str, ...] | None) -> tuple[str, ...]:
    """All without an allow-list, else those that are computed from the fields in it."""
    return ALL_TRAITS if fields is None else tuple(name for name in ALL_TRAITS if TRAIT_FIELDS[name] in fields)
