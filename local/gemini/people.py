"""An individual text for each person, composed of the campaign's message and the person's fields only."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from jinja2 import Template, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

Fields = Mapping[str, Any]
TEMPLATES = ImmutableSandboxedEnvironment(finalize=lambda value: "" if value is None else value)
GREETING = re.compile(
    r"\A\s*(hi|hello|hey|dear|good (morning|day|evening)|namaste)\b[^\n]{0,60}[,!.]?\s*\n+", re.IGNORECASE
)
GREETINGS = ["Hi {0},", "Hello {0},", "Dear {0},", "Hey {0},", "Good to see you, {0},", "Namaste {0},"]
OPENINGS = [
    "we thought of you today.",
    "a quick note, written just for you.",
    "thank you for being one of our customers.",
    "it is always a pleasure to write to you.",
]
PLACES = ["All our best to {0}.", "We hope all is well in {0}.", "Warm greetings to everyone in {0}."]
RARE = "It has been a while, and we would love to see you again."
REGULAR = "You come by so often that you feel like family."
CLOSINGS = ["See you soon!", "Warmly, your team", "With best wishes, your team", "Take care!"]


def personalized_texts(message: Mapping[str, str], people: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    return [{"id": str(person["id"]), **personalized_text(message, person.get("fields", {}))} for person in people]


def personalized_text(message: Mapping[str, str], fields: Fields) -> dict[str, str]:
    """Return subject and body. They depend only on the message and the fields."""
    rng = random.Random(json.dumps(fields, sort_keys=True, default=str))
    return {
        "subject": _subject(fill_template(message.get("subject", ""), fields), first_name(fields), rng),
        "body": _body(fill_template(message.get("body", ""), fields), fields, rng),
    }


def fill_template(template: str, fields: Fields) -> str:
    """Render the template. If rendering fails, return the text without its placeholders."""
    try:
        return compile_template(template).render(fields)
    except (TemplateError, TypeError, ValueError, ArithmeticError):
        return re.sub(r"\{[{%].*?[%}]\}", "", template, flags=re.DOTALL)


@lru_cache(maxsize=100)
def compile_template(template: str) -> Template:
    return TEMPLATES.from_string(template)


def first_name(fields: Fields) -> str:
    name = str(fields.get("first_name") or fields.get("name") or "").split()
    return name[0] if name else ""


def _subject(subject: str, name: str, rng: random.Random) -> str:
    subject = " ".join(subject.split())
    if not name or name in subject:
        return subject
    return rng.choice([f"{name}: {subject}", f"{subject} – for you, {name}", f"For {name}: {subject}"])


def _body(body: str, fields: Fields, rng: random.Random) -> str:
    name, city = first_name(fields), fields.get("city")
    greeting = rng.choice(GREETINGS).format(name) if name else "Hello,"
    lines = [f"{greeting} {rng.choice(OPENINGS)}", GREETING.sub("", body).strip()]
    lines += [rng.choice(PLACES).format(city)] if city else []
    lines += _familiarity(fields.get("visits"))
    return "\n\n".join([*lines, rng.choice(CLOSINGS)])


def _familiarity(visits: Any) -> list[str]:
    if not isinstance(visits, int):
        return []
    return [REGULAR] if visits > 10 else [RARE] if visits < 3 else []
