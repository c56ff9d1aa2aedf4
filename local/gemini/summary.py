"""Claims about a campaign around the slots of the request: the facts of each topic in one sentence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

ENGLISH: Mapping[str, str] = {
    "outcome": "Here is what became of ⟦campaign⟧: {}.",
    "later": "These reports came in since: {}.",
    "standing_out": "Look at this first: {}.",
    "reasons": "The reasons that were given: {}.",
    "next": "A sensible step now: {}.",
}
HINDI: Mapping[str, str] = {
    "outcome": "⟦campaign⟧ का हाल: {}।",
    "later": "इसके बाद की रिपोर्टें: {}।",
    "standing_out": "इस पर ध्यान दें: {}।",
    "reasons": "बताए गए कारण: {}।",
    "next": "अब यह करें: {}।",
}


def summary_claims(slots: Mapping[str, Mapping[str, str]], language: str) -> list[dict[str, str]]:
    sentences = HINDI if language.startswith("Hindi") else ENGLISH
    return [
        {"topic": topic, "text": sentences[topic].format(_join([f"⟦{name}⟧" for name in names]))}
        for topic, names in slots.items()
        if names
    ]


def _join(parts: Sequence[str]) -> str:
    return ", ".join(parts)
