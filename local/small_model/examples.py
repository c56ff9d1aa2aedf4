"""The prompt of examples that the small model continues, and the text in what it writes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

END = "###"
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


def text_of(written: str) -> str:
    """What the model wrote for one person, up to the end that the examples have."""
    return written.split(END, maxsplit=1)[0].split("\nMessage:", maxsplit=1)[0].strip()
