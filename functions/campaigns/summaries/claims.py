"""Gemini's claims about a campaign: prose around slots. The server checks the prose and fills the slots.

Outside slots there are only words of a closed list, which name no outcome, no number and no judgement, and deny
nothing. So a text cannot say another number, give a number to something else, turn a fact round, or tell of what nobody
measured.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import BaseModel, Field, ValidationError

from common.catalogue.fields import Language
from common.errors import Invalid
from common.guard.chatter import CHATTER
from common.guard.findings import Background, Finding, Prose, Validator
from common.guard.folding import FACT_MARK, MARKS, VALUE_MARK, word_set
from common.guard.validators import FORMS
from common.llm.language_model import Prompt
from common.messages.slots import CLOSING, OPENING, SLOT

from .facts import TOPICS, SummaryFacts, SummarySlot, Topic
from .phrases import WORDINGS

MAX_CLAIM = 300
CAMPAIGN = "campaign"
"""The slot of the campaign's name, which Gemini does not get to read."""
LANGUAGES: Mapping[Language, str] = {"en": "English", "hi": "Hindi, in Devanagari"}
INSTRUCTIONS = """\
You tell a marketing manager in a few short, plain sentences how a campaign went, in the language `language`.
Answer with `claims`: one or two sentences each, with a `topic`. Topics are `outcome`, `later` (what was reported
since), `standing_out` (against earlier campaigns), `reasons` and `next` (what to do).
`slots` has for each topic the only facts that there are. Write a fact as its slot, ⟦name⟧, which the server replaces by
the words beside it; so the slot stands where these words fit. Each claim has at least one slot of its topic. Every slot
of `must` is in exactly one claim, no slot is used twice. ⟦campaign⟧ is the campaign's name.
The slots have the nouns, the verbs and the numbers of the facts. Outside slots write only plain words that connect
them (here, came, reported, reasons, given, now, then, and …): no number, no percentage, no date, no comparison, no
negation, no judgement, nothing that anybody did, and no Markdown. If a topic has no slots, write nothing about it.
"""

CONNECTING = word_set(
    """
    a an the of for from in on to into with within and as at by is are was were be been being has have had
    this these that those it its there here they them their we us our you your he she which whom who what
    where when while now next then so also again since later after afterwards following meanwhile today came
    come comes became become went go goes look looks see shows show shown says say tells tell turns turned out
    report reports reported reasons reason given named gave causes cause because due campaign message messages
    people recipients audience results result outcome outcomes figures numbers overview summary main stands
    stand attention worth note noting first step steps sensible useful advice suggestion suggestions my please
    consider try do should could may can might would let lets make sure का के की को से में पर है हैं था थे थी
    हो हुआ हुई हुए और तथा एवं यह ये वह वे इस इन उस उन इसके इनके उसके उनके इसका इसकी अब फिर बाद यहां वहां हाल
    नतीजा नतीजे परिणाम रिपोर्ट रिपोर्टें मिला मिली मिले आया आई आए रहा रही रहे बताया बताई बताए गया गई गए आगे
    मुख्य कारण वजह वजहें ध्यान दें देखें देखिए करें कीजिए सुझाव सलाह कदम अगला अगले संदेश अभियान लोग लोगों लिए
    तक ने कि जो साथ कृपया
    """
)
"""What prose of a claim may say. The slots have the nouns, the verbs and the numbers of the facts."""


def _find_other_words(prose: Prose) -> Iterator[Finding]:
    for word in prose.words:
        if word.text not in MARKS and word.text not in CONNECTING and any(map(str.isalpha, word.text)):
            yield prose.finding(word.start, word.end)


OTHER_WORDS = Validator(name="word", find=_find_other_words, advice="Write around the slots only; leave out {found!r}.")


VALIDATORS: Sequence[Validator] = (*FORMS, CHATTER, OTHER_WORDS)
_TOUCHED = re.compile(rf"[^\s(\"“‘—–,:]{OPENING}|{CLOSING}[^\s)\"”’—–,;:.!?।]")


class Claim(BaseModel):
    """One or two sentences with slots."""

    topic: Topic
    text: str = Field(min_length=1, max_length=MAX_CLAIM)


class ClaimsAnswer(BaseModel):
    """Gemini's answer."""

    claims: list[Claim] = Field(min_length=1, max_length=8)


SCHEMA: Mapping[str, Any] = ClaimsAnswer.model_json_schema()


def claims_prompt(facts: SummaryFacts) -> Prompt:
    """What Gemini is asked: it reads the facts, and neither the campaign's name nor anything about people."""
    slots = {topic: {slot.name: slot.text for slot in facts.of_topic(topic)} for topic in TOPICS}
    must = [slot.name for slot in facts.slots.values() if slot.is_required]
    data = {"language": LANGUAGES[facts.language], "slots": {t: s for t, s in slots.items() if s}, "must": must}
    return Prompt(instructions=INSTRUCTIONS, data=data, schema=SCHEMA)


def parse_claims(content: Any) -> Sequence[Claim]:
    """Raises `Invalid` if the answer has another shape."""
    try:
        return ClaimsAnswer.model_validate(content).claims
    except ValidationError as error:
        raise Invalid("the answer does not have the requested shape") from error


def fixed_claims(facts: SummaryFacts) -> list[Claim]:
    """The same content in fixed words."""
    sentences = WORDINGS[facts.language].sentences
    joined = WORDINGS[facts.language].joined
    slots = {topic: [f"{OPENING}{slot.name}{CLOSING}" for slot in facts.of_topic(topic)] for topic in TOPICS}
    return [
        Claim.model_construct(topic=topic, text=sentences[topic].format(slots=_listed(names, joined)))
        for topic, names in slots.items()
        if names
    ]


def _listed(names: Sequence[str], joined: str) -> str:
    *rest, last = names
    return f"{', '.join(rest)}{joined}{last}" if rest else last


def problem_with(claims: Sequence[Claim], facts: SummaryFacts) -> str | None:
    """Why the claims are not printed; None if they are good."""
    return next(_problems(claims, facts), None)


def _problems(claims: Sequence[Claim], facts: SummaryFacts) -> Iterator[str]:
    """Slots that are missing or used twice, then what is wrong with each claim."""
    used = [name for claim in claims for name in SLOT.findall(claim.text)]
    for name, slot in facts.slots.items():
        if slot.is_required and name not in used:
            yield f"slot: {name} is missing"
    for name in used:
        if name != CAMPAIGN and used.count(name) > 1:
            yield f"slot: {name} is used twice"
    for claim in claims:
        yield from problems_of(claim, facts.slots)


def problems_of(claim: Claim, slots: Mapping[str, SummarySlot]) -> Iterator[str]:
    """What is wrong with one claim."""
    names = SLOT.findall(claim.text)
    yield from (f"slot: there is no {name}" for name in names if name != CAMPAIGN and name not in slots)
    if not any(name in slots and slots[name].topic == claim.topic for name in names):
        yield f"slot: a claim about {claim.topic} has none of its slots"
    if _TOUCHED.search(claim.text) or any(mark in claim.text for mark in MARKS):
        yield "slot: something touches a slot"
    prose = Prose(SLOT.sub(_mark, claim.text), Background())
    for validator in VALIDATORS:
        for finding in validator.find(prose):
            yield f"{validator.name}: {finding.text.translate({ord(mark): '…' for mark in MARKS})[:60]}"


def _mark(slot: re.Match[str]) -> str:
    return VALUE_MARK if slot.group(1) == CAMPAIGN else FACT_MARK


def print_claims(claims: Sequence[Claim], facts: SummaryFacts) -> str:
    """The text as it is read, a topic after the other."""
    texts = {name: slot.text for name, slot in facts.slots.items()} | {CAMPAIGN: facts.name}
    ordered = sorted(claims, key=lambda claim: TOPICS.index(claim.topic))
    return " ".join(SLOT.sub(lambda slot: texts[slot.group(1)], " ".join(claim.text.split())) for claim in ordered)
