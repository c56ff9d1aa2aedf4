"""The prompt of examples that the small model continues, and the text in what it writes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

END = "###"
BEGINNINGS = ("\nMessage:", "\nThe reader ", "\nRewritten for ", "\nOne sentence ")
"""What the model begins when it goes on with examples of its own."""
SENTENCES = (
    (
        "Hi ⟦first_name⟧, our new tea is in the shop: ⟦link⟧",
        "opening",
        "Hello ⟦first_name⟧, what a grey morning.",
    ),
    ("Hi ⟦first_name⟧, our new tea is in the shop: ⟦link⟧", "argument", "Look what has come in from the hills: ⟦link⟧"),
    ("Dear ⟦first_name⟧, here is ⟦offer⟧, ⟦until⟧.", "argument", "There is always a chair by the window."),
    ("Dear ⟦first_name⟧, here is ⟦offer⟧, ⟦until⟧.", "subject", "Good to see you, ⟦first_name⟧"),
    ("Dear ⟦first_name⟧, here is ⟦offer⟧, ⟦until⟧.", "closing", "Warm wishes from all of us."),
)
EXAMPLES = (
    (
        "Hi ⟦first_name⟧, our new tea is in the shop. Come and taste it: ⟦link⟧",
        "comes by often",
        "Hello ⟦first_name⟧, you know our shelves well, so you will spot it at once: there is a new tea. "
        "Drop in for a cup and tell us what you think. More here: ⟦link⟧",
    ),
    (
        "Dear ⟦first_name⟧, here is ⟦offer⟧ with the code ⟦code⟧, ⟦until⟧.",
        "has been away for long",
        "Dear ⟦first_name⟧, it has been a while, and we have missed you. "
        "Enjoy ⟦offer⟧ with the code ⟦code⟧, ⟦until⟧. We would love to see you again.",
    ),
)


def prompt_of_examples(message: Mapping[str, str], person: Mapping[str, Any]) -> str:
    """The examples, and the message and the traits of one person, up to where the text begins."""
    done = [_entry(body, traits) + f" {text}\n{END}\n" for body, traits, text in EXAMPLES]
    traits = ", ".join(map(str, person.get("traits", ()))) or "is a customer"
    return "".join([*done, _entry(message.get("body", ""), traits)])


def _entry(body: str, traits: str) -> str:
    return f"Message: {' '.join(body.split())}\nThe reader {traits}.\nRewritten for this reader:"


def prompt_for_sentence(message: Mapping[str, str], place: str) -> str:
    """Examples of single sentences, and the message up to where the sentence begins."""
    done = [_sentence(body, kind) + f" {text}\n{END}\n" for body, kind, text in SENTENCES]
    return "".join([*done, _sentence(message.get("body", ""), place)])


def _sentence(body: str, place: str) -> str:
    return f"Message: {' '.join(body.split())}\nOne sentence as its {place}:"


def text_of(written: str) -> str:
    """What the model wrote for one person, up to the end that the examples have, or to an example of its own."""
    for mark in (END, *BEGINNINGS):
        written = written.split(mark, maxsplit=1)[0]
    return written.strip()
