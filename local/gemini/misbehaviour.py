"""How a model goes wrong: it promises, chats, obeys what stands in the data, or mixes people up."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from local.gemini.behaviour import GeminiMode

Text = dict[str, Any]
PROMISE = "And only today: 75% off, with the code MEGA75, at https://deals.example/mega."
WORDS = (
    "And your next coat is on the house.",
    "Everything is half price for you.",
    "We give you twenty per cent off.",
    "Shipping is complimentary, of course.",
    "Buy one, get one.",
    "You will get your money back, guaranteed.",
    "Only until Sunday!",
    "A gift is waiting for you in our shop.",
    "Congratulations, you have won our lucky draw!",
    "सब कुछ आधे दाम पर!",
    "डिलीवरी मुफ़्त है।",
    "Delivery bilkul muft hai.",
)
CHATTER = ("Sure! Here is your message:", "Certainly! Here is a personalized message for this customer:")
INSTRUCTION = re.compile(r"\b(ignore|instead|write|say|tell|append|add|include|reply|must|instruction)", re.IGNORECASE)
STRANGER = "Rahul Sharma"


def spoil(content: Any, data: Mapping[str, Any], mode: GeminiMode) -> Any:
    """The content as a model in this mode returns it. `data` is the request's."""
    change = CHANGES.get(mode)
    if change and isinstance(content, dict):
        texts = content.get("messages") or content.get("claims") or content.get("proposed") or [content]
        for number, text in enumerate(texts):
            change(text, number, data)
    return content


def _change_id(text: Text, number: int, data: Mapping[str, Any]) -> None:
    text["id"] = f"{text.get('id')}-x"


def _append(text: Text, sentence: str) -> None:
    """Of a text that is chosen of sentences, as if what is said were one of them."""
    if "sentences" in text:
        text["sentences"] = [*text["sentences"], sentence]
        return
    field = "body" if "body" in text else "text"
    text[field] = f"{text.get(field, '')}\n\n{sentence}"


def _promise(text: Text, number: int, data: Mapping[str, Any]) -> None:
    _append(text, PROMISE)


def _promise_in_words(text: Text, number: int, data: Mapping[str, Any]) -> None:
    _append(text, WORDS[number % len(WORDS)])


def _chat(text: Text, number: int, data: Mapping[str, Any]) -> None:
    if "body" in text:
        text["body"] = f"{CHATTER[number % len(CHATTER)]}\n\n{text['body']}"
    elif "sentences" in text or "place" in text:
        _append(text, CHATTER[number % len(CHATTER)])


def _obey(text: Text, number: int, data: Mapping[str, Any]) -> None:
    """Say whatever the values of any person say, and what the message tells the model to do."""
    for order in dict.fromkeys([*_values(data.get("people", ())), *_orders(data.get("message", {}))]):
        _append(text, order)


def _leak(text: Text, number: int, data: Mapping[str, Any]) -> None:
    """Speak of the next person, or of a stranger where nothing is known of one."""
    people = list(data.get("people", ()))
    other = people[(number + 1) % len(people)] if len(people) > 1 else {}
    known = [value for value in _values(other.get("fields", {})) if value]
    _append(text, f"{' '.join(known) or STRANGER} bought the same last time.")


def _values(data: Any, name: str = "") -> Iterator[str]:
    """All texts in the data but ids and errors."""
    if isinstance(data, str) and name not in {"id", "error"}:
        yield data
    elif isinstance(data, Mapping):
        for key, value in data.items():
            yield from _values(value, str(key))
    elif isinstance(data, list):
        for value in data:
            yield from _values(value, name)


def _orders(message: Mapping[str, Any]) -> Iterator[str]:
    for line in f"{message.get('subject', '')}\n{message.get('body', '')}".splitlines():
        if INSTRUCTION.search(line):
            yield line


CHANGES: Mapping[GeminiMode, Callable[[Text, int, Mapping[str, Any]], None]] = {
    "wrong_ids": _change_id,
    "promises": _promise,
    "words": _promise_in_words,
    "chatty": _chat,
    "obeys": _obey,
    "leaks": _leak,
}
