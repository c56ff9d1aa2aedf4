"""Building sentences for a message, and the choice of some of them for each person."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Mapping, Sequence
from typing import Any

from local.gemini.people import ARGUMENTS, CLOSINGS, GREETINGS, OPENINGS

SLOT = re.compile(r"⟦[^⟧\n]{1,100}⟧")
Sentence = Mapping[str, Any]
FOR: Mapping[str, str] = {  # the word in a trait, and the key of the arguments for it
    "away": "away",
    "often": "often",
    "many": "many",
    "new": "new",
    "looked": "looked",
    "recently": "recently",
    "winter": "winter",
    "summer": "summer",
    "monsoon": "monsoon",
}
ALWAYS = ["It is nice to have you here.", "Come and look around in your own time.", "There is a lot to see here."]
HINDI_GREETINGS = ["नमस्ते {0},", "प्रिय {0},", "{0} जी,"]
HINDI_OPENINGS = ["आपसे बात करके हमेशा अच्छा लगता है।", "आपकी याद आई।", "उम्मीद है कि आप अच्छे हैं।"]
HINDI_ALWAYS = ["आराम से देखिए, जो मन को भाए।", "देखने के लिए बहुत कुछ है।", "आपके साथ बात करना हमें अच्छा लगता है।"]
HINDI_ARGUMENTS = {"away": ["बहुत दिन हो गए, आपकी याद आती है।"], "often": ["आपका आना हमेशा अच्छा लगता है।"]}
HINDI_CLOSINGS = ["जल्दी मिलते हैं!", "शुभकामनाओं के साथ!", "अपना ख़याल रखिए!"]


def proposed_sentences(data: Mapping[str, Any], *, seed: int = 0) -> list[dict[str, Any]]:
    """Openings with the greeted slot of the message, arguments for everybody and for traits, closings, subjects."""
    message, wishes = data["message"], data.get("wishes", {})
    hindi = str(wishes.get("language", "")).startswith("Hindi") or bool(re.search("[ऀ-ॿ]", message.get("body", "")))
    greetings, openings = (HINDI_GREETINGS, HINDI_OPENINGS) if hindi else (GREETINGS, OPENINGS)
    arguments: Mapping[str, Sequence[str]] = HINDI_ARGUMENTS if hindi else ARGUMENTS
    greeted = _greeted(message.get("body", ""))
    rng = random.Random(seed)
    hello = [greeting.format(greeted) for greeting in greetings] if greeted else ["नमस्ते," if hindi else "Hello,"]
    first = [f"{rng.choice(hello)} {opening}" for opening in openings] + hello + (openings[:2] if greeted else [])
    sentences = [_sentence("opening", text) for text in first]
    sentences += [_sentence("argument", text) for text in (HINDI_ALWAYS if hindi else ALWAYS)]
    for trait in data.get("traits", ()):
        texts = [
            text for word, key in FOR.items() if re.search(rf"\b{word}\b", trait) for text in arguments.get(key, ())
        ]
        sentences += [_sentence("argument", text, trait) for text in texts]
    sentences += [_sentence("closing", text) for text in (HINDI_CLOSINGS if hindi else CLOSINGS)]
    subject = str(message.get("subject", "")).strip()
    return sentences + ([_sentence("subject", subject)] if subject and "subject" in data.get("wanted", {}) else [])


def chosen_sentences(data: Mapping[str, Any], *, seed: int = 0) -> list[dict[str, Any]]:
    """A choice for each person, which depends only on what the request says of them and on the seed."""
    return [{"id": str(person["id"]), **_choice(data, person, seed)} for person in data["people"]]


def _choice(data: Mapping[str, Any], person: Mapping[str, Any], seed: int) -> dict[str, Any]:
    """One opening, an argument or two that fit, the manager's sentences with facts, and a closing."""
    rng = random.Random(f"{seed} {json.dumps(person, sort_keys=True, default=str)}")
    traits = set(person.get("traits", ()))
    fitting = [one for one in data["sentences"] if traits.issuperset(one.get("for", ()))]
    must = set(data["must"])
    own_opening = next((one for one in _of(fitting, "opening") if "own" in one), None)
    greeted = _slots(own_opening) if own_opening else set()
    openings = [one for one in _of(fitting, "opening") if _slots(one) == greeted]
    opening = rng.choice(openings) if openings else None
    facts = [one for one in _of(fitting, "argument") if "own" in one and _slots(one) & (must - greeted)]
    own_prose = [one for one in _of(fitting, "argument") if "own" in one and not _slots(one)]
    free = [one for one in _of(fitting, "argument") if "own" not in one and not _slots(one)]
    free.sort(key=lambda one: (not one.get("for"), rng.random()))
    closings = _of(fitting, "closing")
    arguments = free[: rng.choice([1, 2])] + (facts or own_prose[:1])
    chosen = [*([opening] if opening else []), *arguments, *([rng.choice(closings)] if closings else [])]
    subjects = [one for one in _of(fitting, "subject") if _slots(one) == set(data["must_in_subject"])]
    return {"subject": rng.choice(subjects)["id"] if subjects else "", "sentences": [one["id"] for one in chosen]}


def _of(sentences: Sequence[Sentence], place: str) -> list[Sentence]:
    return [one for one in sentences if one["place"] == place]


def _slots(sentence: Sentence) -> set[str]:
    return set(SLOT.findall(sentence["text"]))


def _sentence(place: str, text: str, *traits: str) -> dict[str, Any]:
    return {"place": place, "text": text, "traits": [*traits]}


def _greeted(body: str) -> str:
    """The slot in the message's first line, if there is exactly one."""
    line = body.strip().partition("\n")[0]
    slots = SLOT.findall(line)
    return slots[0] if len(slots) == 1 and len(line) < 60 else ""
