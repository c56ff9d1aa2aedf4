"""A goal as Gemini would read it, and three messages for it: a few ways to say whom a campaign is for."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from local.gemini.rules import rule_answer

WHO = re.compile(
    r"\b(?:everyone|everybody|all (?:our )?customers|(?:the )?(?:people|customers|shoppers|those|buyers)\b"
    r"(?:\s+(?!with\b|by\b|to\b|using\b|on\b)(?:[^\s,;:.]|[,.](?=\d))+)*)"
    r"|\bsabhi (?:log|grahak)\b|\bjo\b[^,;.]*?\b(?:aaye|aaya|kiya)\b"
    r"|सभी (?:ग्राहकों|ग्राहक|लोगों|लोग)|(?<!\S)जो\s[^,;।]*?(?:आए|आये|किया)(?!\S)",
    re.IGNORECASE,
)
OPENINGS: Mapping[str, Sequence[str]] = {
    "benefit": ("Something for you", "we have something here that could suit you well"),
    "personal": ("We think of you", "it is always good to see you around, so we wanted to write to you"),
    "question": ("Shall we see you soon?", "how have you been, and is there anything that you are looking for"),
}
HINDI_OPENINGS: Mapping[str, Sequence[str]] = {
    "benefit": ("आपके लिए", "आपके लिए हमने कुछ चुना है"),
    "personal": ("आपकी याद आई", "आपसे मिलकर हमेशा अच्छा लगता है"),
    "question": ("कैसे हैं आप?", "कैसे हैं आप, और इन दिनों क्या ढूँढ रहे हैं"),
}


def goal_answer(goal: str) -> dict[str, Any]:
    """The audience as the goal says it, with its rule; a question if it does not say one."""
    found = WHO.search(goal)
    if not found:
        return {"audience": "", "root": "", "nodes": [], "questions": ["Who is the campaign for?"]}
    return {"audience": found.group(), **rule_answer(found.group())}


def drafted_texts(data: Mapping[str, Any]) -> list[dict[str, str]]:
    """One text for each angle: a greeting, an opening, and what must stand in it."""
    is_hindi = bool(re.search("[\u0900-\u097f]", str(data["goal"])))
    return [_text(str(one["angle"]), data, is_hindi=is_hindi) for one in data["angles"]]


def _text(angle: str, data: Mapping[str, Any], *, is_hindi: bool) -> dict[str, str]:
    """The text of one angle, with all slots that must stand in it."""
    subject, opening = (HINDI_OPENINGS if is_hindi else OPENINGS)[angle]
    facts = ", ".join(f"⟦{name}⟧" for name in data["must"])
    if is_hindi:
        body = f"नमस्ते ⟦first_name⟧,\n\n{opening}।{f' यह रहा: {facts}।' if facts else ''}\n\nआपका इंतज़ार रहेगा।"
    else:
        end = "?" if angle == "question" else "."
        told = f" Have a look: {facts}." if facts else ""
        body = f"Hi ⟦first_name⟧,\n\n{opening}{end}{told}\n\nSee you in the shop!"
    return {"angle": angle, "subject": subject if data.get("has_subject") else "", "body": body}
