"""The pool: the sentences that the text of one recipient can be made of, and how a choice becomes that text.

It has the checked sentences of the campaign, and the manager's own ones of the message. Whatever a model answers, only
sentences of the pool are in a text: so what nobody has checked cannot be sent.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from common.messages.slots import CLOSING, OPENING, SLOT, SlottedMessage
from common.messages.templates import MessageText

from .brief import Brief
from .check import Checked, TextProblem, language_problems, size_problems, slot_problems
from .sentences import Place, Sentence, SentenceSet, language_of_sentences, sentence_problem
from .splitting import sentences_of

_LETTERS: Mapping[Place, str] = {"subject": "s", "opening": "o", "argument": "a", "closing": "c"}
_GREETING = re.compile(
    rf"(?P<greeting>\s*(?:[^\W\d_]+ ){{0,2}}{OPENING}(?P<slot>[^{CLOSING}\n]+){CLOSING}[,!])[ \t]+(?=\S)"
)
"""In the first line, with a text behind it."""
_PARAGRAPHS = re.compile(r"\n\s*\n")
_IN_WORDS = frozenset({"offer", "promise", "until"})
MAX_SHOWN = 400


@dataclass(frozen=True, kw_only=True, slots=True)
class PooledSentence:
    """A sentence that can be chosen, by its id."""

    id: str
    place: Place
    text: str
    traits: frozenset[str] = frozenset()
    own: int | None = None  # of the manager's own sentences: its place among them


@dataclass(frozen=True, slots=True)
class Choice:
    """What Gemini chose for a recipient: the ids of a subject and of the body's sentences, in order."""

    subject: str
    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Pool:
    """What can be chosen for recipients whose messages have one shape."""

    by_id: Mapping[str, PooledSentence]
    brief: Brief
    must: tuple[str, ...]  # the slots of the body
    must_in_subject: tuple[str, ...]

    @classmethod
    def create(cls, sentences: SentenceSet, message: SlottedMessage, brief: Brief) -> Pool:
        """Checks each sentence again beside this message: it may differ from the one that it was proposed for."""
        language = language_of_sentences(message, brief)
        usable = [
            sentence
            for sentence in sentences.sentences
            if sentence.language == language and sentence_problem(sentence, message, brief) is None
        ]
        has_subject = bool(message.subject)
        pooled = [*_own(message), *(_pooled(sentence) for sentence in usable)]
        by_id = _numbered([one for one in pooled if has_subject or one.place != "subject"])
        return cls(by_id, brief, tuple(message.required("body")), tuple(message.required("subject")))

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing but the message itself."""
        return all(sentence.own is not None or sentence.place == "subject" for sentence in self.by_id.values())

    def assemble(self, choice: Choice, message: SlottedMessage, traits: Sequence[str]) -> Checked:
        """The text of a choice, or what is wrong with the choice."""
        ids = (*((choice.subject,) if message.subject else ()), *choice.sentences)
        problem = next(self._problems(choice, ids, message, frozenset(traits)), None)
        if problem is None:
            subject = self.by_id[choice.subject].text if message.subject else ""
            slotted = MessageText(subject=subject, body=_joined([self.by_id[id_] for id_ in choice.sentences]))
            problem = next(_text_problems(slotted, message, self.brief), None)
        if problem:
            return Checked(None, problem, refused=" ".join(ids)[:MAX_SHOWN].strip() or None)
        return Checked(refill(slotted, message), slotted=slotted)

    def _problems(
        self, choice: Choice, ids: Sequence[str], message: SlottedMessage, traits: frozenset[str]
    ) -> Iterator[TextProblem]:
        """Whether these are sentences of the pool, for this person, in an order that makes a text."""
        for id_ in ids:
            if id_ not in self.by_id:
                yield _problem(f"There is no sentence {id_[:40]!r}.")
            elif not self.by_id[id_].traits <= traits:
                yield _problem(f"The sentence {id_} is not for this person.")
        if any(times > 1 for times in Counter(choice.sentences).values()):
            yield _problem("A sentence stands more than once.")
        if message.subject and self.by_id[choice.subject].place != "subject":
            yield _problem("The subject is not one of the subjects.")
        body = [self.by_id[id_] for id_ in choice.sentences]
        if problem := self._order_problem([sentence.place for sentence in body]):
            yield problem
        own = [sentence.own for sentence in body if sentence.own is not None]
        if any(first > second for first, second in pairwise(own)):
            yield _problem("The sentences of the message are not in its order.")
        if not any(self._is_own_argument(sentence) for sentence in body) and self._has_own_arguments:
            yield _problem("Choose at least one argument of the message itself.")
        if len(own) == len(body):
            yield _problem("Choose other sentences than the message has, too.")

    @property
    def _has_own_arguments(self) -> bool:
        return any(self._is_own_argument(sentence) for sentence in self.by_id.values())

    @staticmethod
    def _is_own_argument(sentence: PooledSentence) -> bool:
        return sentence.own is not None and sentence.place == "argument"

    def _order_problem(self, places: Sequence[Place]) -> TextProblem | None:
        """One opening if there is any, one or more arguments, at most one closing."""
        has_opening = any(sentence.place == "opening" for sentence in self.by_id.values())
        pattern = ("o" if has_opening else "") + "a+c?"
        if re.fullmatch(pattern, "".join(_LETTERS[place] for place in places)):
            return None
        return _problem("The order is: one opening, then arguments, then at most one closing.")


def refill(slotted: MessageText, message: SlottedMessage) -> MessageText:
    """A text of checked sentences with this recipient's values."""
    return MessageText(subject=_fill(slotted.subject, message), body=_fill(slotted.body, message))


def _fill(text: str, message: SlottedMessage) -> str:
    """As `message.fill`; a fact in words that begins a sentence of a text begins with a capital letter."""

    def filled(match: re.Match[str]) -> str:
        slot = message.slots[match.group(1)]
        begins = text[: match.start()].rstrip()[-1:] in {".", "!", "?"} and slot.kind in _IN_WORDS
        return slot.text[:1].upper() + slot.text[1:] if begins else slot.text

    return SLOT.sub(filled, text)


def recheck(slotted: MessageText, message: SlottedMessage, brief: Brief) -> Checked:
    """A text of checked sentences for another recipient who is alike: the form is checked, the sentences have been."""
    if problem := next(_text_problems(slotted, message, brief), None):
        return Checked(None, problem)
    return Checked(refill(slotted, message), slotted=slotted)


def _text_problems(slotted: MessageText, message: SlottedMessage, brief: Brief) -> Iterator[TextProblem]:
    if message.subject:
        yield from slot_problems(slotted.subject, "subject", message)
        yield from size_problems(slotted.subject, "subject", message, brief)
    yield from slot_problems(slotted.body, "body", message)
    yield from size_problems(slotted.body, "body", message, brief)
    yield from language_problems(slotted.body, message, brief)


def _problem(advice: str) -> TextProblem:
    return TextProblem("choice", advice)


def _own(message: SlottedMessage) -> Iterator[PooledSentence]:
    """The manager's own sentences: the first is the opening, a last paragraph without slots the closing."""
    if message.subject:
        yield PooledSentence(id="", place="subject", text=message.subject, own=0)
    paragraphs = _PARAGRAPHS.split(message.body.strip())
    has_closing = len(paragraphs) > 1 and not SLOT.search(paragraphs[-1])
    closing = paragraphs[-1] if has_closing else ""
    rest = message.body.strip().removesuffix(closing) if closing else message.body
    sentences = _with_questions([sentence for sentence in sentences_of(rest) if sentence.strip()])
    sentences[:1] = _split_greeting(sentences[0], message) if sentences else []
    for number, sentence in enumerate(sentences):
        place: Place = "opening" if number == 0 and len(sentences) > 1 else "argument"
        yield PooledSentence(id="", place=place, text=sentence, own=number)
    if closing:
        yield PooledSentence(id="", place="closing", text=closing, own=len(sentences))


def _split_greeting(sentence: str, message: SlottedMessage) -> list[str]:
    """The greeting and the rest of "Dear ⟦name⟧, it is good to have you": an opening and an argument."""
    greeting = _GREETING.match(sentence)
    if not greeting or message.slots[greeting.group("slot")].kind != "value":
        return [sentence]
    return [greeting.group("greeting"), sentence[greeting.end() :]]


def _with_questions(sentences: Sequence[str]) -> list[str]:
    """The sentences; a question or an announcement stays together with what follows it: "Questions? ⟦email⟧"."""
    joined: list[str] = []
    for sentence in sentences:
        if joined and joined[-1].rstrip()[-1:] in {"?", ":"} and not SLOT.search(joined[-1]):
            joined[-1] += sentence
        else:
            joined.append(sentence)
    return joined


def _pooled(sentence: Sentence) -> PooledSentence:
    return PooledSentence(id="", place=sentence.place, text=sentence.text, traits=frozenset(sentence.traits))


def _numbered(sentences: Sequence[PooledSentence]) -> dict[str, PooledSentence]:
    """By ids such as `o1` and `a3`."""
    counts: Counter[str] = Counter()
    numbered: dict[str, PooledSentence] = {}
    for sentence in sentences:
        counts[sentence.place] += 1
        id_ = f"{_LETTERS[sentence.place]}{counts[sentence.place]}"
        numbered[id_] = PooledSentence(
            id=id_, place=sentence.place, text=sentence.text, traits=sentence.traits, own=sentence.own
        )
    return numbered


def _joined(sentences: Sequence[PooledSentence]) -> str:
    """The body: opening, arguments and closing are paragraphs. A line of the manager's message stays a line."""
    text = sentences[0].text.strip()
    for before, sentence in pairwise(sentences):
        piece = sentence.text.strip()
        ends_line = "\n" in before.text[len(before.text.rstrip()) :]
        text += "\n\n" if before.place != sentence.place else "\n" if ends_line else " "
        text += piece[:1].upper() + piece[1:] if text.rstrip()[-1:] in {".", "!", "?"} else piece
    return text


def must_slots(names: Sequence[str]) -> list[str]:
    """Names of slots as Gemini reads them."""
    return [f"{OPENING}{name}{CLOSING}" for name in names]
