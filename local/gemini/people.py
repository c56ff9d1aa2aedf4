"""A text of its own for each person: the campaign's message with its slots, and prose that fits the person's traits."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Mapping, Sequence
from typing import Any

GREETING = re.compile(
    r"\A\s*((?:hi|hello|hey|dear|good (?:morning|day|evening)|namaste)\b[^\n]{0,60}[,!.]?)\s*\n+", re.IGNORECASE
)
GREETED = re.compile(r"⟦[^⟧\n]{1,100}⟧")
GREETINGS = ["Hi {0},", "Hello {0},", "Dear {0},", "Hey {0},", "Welcome back, {0},", "Namaste {0},"]
OPENINGS = [
    "we thought of you today.",
    "a quick note, written just for you.",
    "thank you for being with us.",
    "it is always a pleasure to write to you.",
]
ARGUMENTS: Mapping[str, Sequence[str]] = {
    "away": ["It has been a while, and we would love to see you again.", "We have missed you."],
    "often": ["You come by so often that you feel like family.", "It is always good to see you around."],
    "many": ["You know our shop better than most.", "Thank you for coming back to us."],
    "new": ["We are glad that you found us.", "Take your time to look around."],
    "looked": ["Perhaps this is a good moment to have a closer look."],
    "recently": ["It was lovely to have you with us."],
    "winter": ["Something warm is always welcome now."],
    "summer": ["Light and airy is what these days ask for."],
    "monsoon": ["Rainy days are made for looking around."],
}
CLOSINGS = ["See you soon!", "Warmly, your team", "With best wishes, your team", "Take care!"]


def personalized_texts(
    message: Mapping[str, str], people: Sequence[Mapping[str, Any]], *, seed: int = 0
) -> list[dict[str, str]]:
    return [{"id": str(person["id"]), **personalized_text(message, person, seed=seed)} for person in people]


def personalized_text(message: Mapping[str, str], person: Mapping[str, Any], *, seed: int = 0) -> dict[str, str]:
    """Subject and body. They depend only on the message, on what the request says of the person, and on the seed."""
    rng = random.Random(f"{seed} {json.dumps(person, sort_keys=True, default=str)}")
    subject = " ".join(message.get("subject", "").split())
    return {"subject": subject, "body": _body(message.get("body", ""), person.get("traits", ()), rng)}


def _body(body: str, traits: Sequence[str], rng: random.Random) -> str:
    """The message's body, with another greeting for the same slot, an opening, an argument and a closing."""
    greeting = GREETING.match(body)
    slots = GREETED.findall(greeting.group(1)) if greeting else []
    rest = (body[greeting.end() :] if greeting and len(slots) < 2 else body).strip()
    hello = rng.choice(GREETINGS).format(slots[0]) if len(slots) == 1 else "Hello,"
    return "\n\n".join([f"{hello} {rng.choice(OPENINGS)}", *_arguments(traits, rng), rest, rng.choice(CLOSINGS)])


def _arguments(traits: Sequence[str], rng: random.Random) -> list[str]:
    words = " ".join(traits)
    return [rng.choice(sentences) for word, sentences in ARGUMENTS.items() if re.search(rf"\b{word}\b", words)][:2]
