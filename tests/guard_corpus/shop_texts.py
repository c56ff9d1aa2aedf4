"""Texts for many shops, in six languages: good ones, and bad sentences that stand in a good one.

In the files, `#` begins a shop, `S` and `M` are its message, `+` a good text and `-` a bad sentence, which may have its
kind in braces. `[n]` stands for the first name, `[c]` for the city, `[l]` the link, `[o]` the offer, `[u]` the end of
the offer, and `[k]` the code.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from common.events import MessageTemplate
from common.messages.slots import SlottedMessage, cut_message
from common.messages.templates import MessageText
from common.writing.mend import REPAIR, check_or_mend

VALUES = {"first_name": "Asha", "name": "Asha Rao", "city": "Pune"}
KIND = re.compile(r"\{(\w+)\} ")
SIGNS = {"first_name": "n", "city": "c", "link": "l", "code": "k", "until": "u"}
AROUND = {"Latin": "Hi [n]! {} Have a look: [l]", "Devanagari": "नमस्ते [n]! {} देखिए: [l]"}


@dataclass(slots=True)
class ShopTexts:
    """A shop's message and the texts for it."""

    name: str
    subject: str = ""
    body: str = ""
    good: list[str] = field(default_factory=list)
    bad: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Judged:
    """What the guard did with the texts of a list."""

    passed: list[str] = field(default_factory=list)  # bad sentences that are still there, with their kinds
    refused: list[str] = field(default_factory=list)  # good texts that became the template
    shortened: list[str] = field(default_factory=list)  # good texts that lost a sentence
    good: int = 0
    bad: int = 0


def shops_of(name: str) -> list[ShopTexts]:
    """The shops of a list: `a` to `g`."""
    shops: list[ShopTexts] = []
    path = Path(__file__).with_name(f"shop_texts_{name}.txt")
    for line in path.read_text(encoding="utf-8").splitlines():
        kind, rest = line[0], line[2:]
        if kind == "#":
            shops.append(ShopTexts(rest))
        elif kind in "SM":
            setattr(shops[-1], "subject" if kind == "S" else "body", rest.replace("\\n", "\n"))
        else:
            (shops[-1].good if kind == "+" else shops[-1].bad).append(rest)
    return shops


def judged(name: str) -> Judged:
    """Every text of a list, as the last answer of a model."""
    result = Judged()
    for shop in shops_of(name):
        message = cut_message(MessageTemplate(subject=shop.subject, body=shop.body), VALUES)
        signs = _signs(message)
        for text in shop.good:
            _judge_good(_filled(text, signs), message, result)
        result.bad += len(shop.bad)
        result.passed += [f"{shop.name}: {sentence}" for sentence in shop.bad if stays(sentence, shop, message)]
    return result


def ordinary_sentences() -> list[tuple[str, str]]:
    """Shops of list `f`, and bad sentences for them in the most ordinary words."""
    path = Path(__file__).with_name("ordinary_sentences.txt")
    return [(shop, said) for shop, said in (line.split("\t") for line in path.read_text(encoding="utf-8").splitlines())]


def stays(sentence: str, shop: ShopTexts, message: SlottedMessage | None = None) -> bool:
    """Whether some of a bad sentence is left of a text that has it."""
    message = message or cut_message(MessageTemplate(subject=shop.subject, body=shop.body), VALUES)
    signs = _signs(message)
    around = AROUND["Devanagari" if "ा" in shop.subject else "Latin"]
    rest = "".join(f" [{sign}]" for sign in "ouck" if sign in signs)
    said = KIND.sub("", sentence)
    left = _mended(_filled(f"{around}{rest}".format(said), signs), message)
    return any(part in left for part in _parts(said))


def _judge_good(text: str, message: SlottedMessage, result: Judged) -> None:
    result.good += 1
    checked = check_or_mend(MessageText(subject=message.subject, body=text), message)
    if checked.text is None:
        result.refused.append(text)
    elif REPAIR in checked.repairs:
        result.shortened.append(text)


def _mended(text: str, message: SlottedMessage) -> str:
    checked = check_or_mend(MessageText(subject=message.subject, body=text), message)
    return checked.slotted.body if checked.slotted else ""


def _parts(sentence: str) -> Iterator[str]:
    return (part.strip() for part in re.split(r"[.?!।]", sentence) if part.strip())


def _signs(message: SlottedMessage) -> Mapping[str, list[str]]:
    """The slots for each sign."""
    signs: dict[str, list[str]] = defaultdict(list)
    for name in message.slots:
        signs[SIGNS.get(name, "o")].append(name)
    return signs


def _filled(text: str, signs: Mapping[str, list[str]]) -> str:
    return re.sub(r"\[(\w)\]", lambda match: " ".join(f"⟦{name}⟧" for name in signs[match[1]]), text)
