"""Gemini proposes the sentences of a campaign, once; the guard checks each of them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from common.errors import Invalid
from common.llm.language_model import LanguageModel, Prompt
from common.llm.safety_net import NO_NET, SafetyNet
from common.messages.slots import SlottedMessage

from .brief import Brief
from .pool import must_slots
from .prompt import PROSE_RULES, described_slots
from .sentences import MAX_LENGTH, PLACES, JudgedSentence, Place, Sentence, judge, language_of_sentences, tidy
from .traits import Trait

WANTED: Mapping[Place, int] = {"subject": 4, "opening": 8, "argument": 12, "closing": 4}
"""How many sentences Gemini is asked for."""
MAX_PROPOSED = 60
INSTRUCTIONS = f"""\
You write the building sentences of one marketing message, in the language of `message`. Later a few of them are put
together for each reader: one subject, then one opening, one or more arguments, one closing. So each sentence must stand
well alone and beside any other: none refers to another one ("it", "also", "so"), and no two say the same.
Keep the meaning and the tone of `message`. `wanted` says how many sentences of each place to write: an opening greets,
an argument says why to come or look, a closing takes leave. `traits` lists what may be true of a reader. Give a
sentence that is right only for some readers these `traits`, word for word; all others have none. Write at least one
opening or argument for each trait. Never mention a trait as a fact that we know of the reader.
`message` has slots such as ⟦offer⟧. `slots` says what each one stands for; we fill them in. A sentence may have slots:
a subject those of the subject, other sentences those of the body, each at most once, with its brackets and unchanged,
and no other. Slots that belong together, such as an offer with its code and its end, stay in one sentence. Every
slot of `must` is in at least two sentences; let the sentence read well around it.
{PROSE_RULES}
If `wishes` name another language, write in it, and let the slots stand as they are.
Plain text, one sentence or two short ones in each entry, at most {MAX_LENGTH // 2} characters, with their end marks.
"""
TEXT = {"type": "string"}
SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "properties": {
        "proposed": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "place": {"type": "string", "enum": [*PLACES]},
                    "text": TEXT,
                    "traits": {"type": "array", "items": TEXT},
                },
                "required": ["place", "text", "traits"],
            },
        }
    },
    "required": ["proposed"],
}


class ProposedSentence(BaseModel):
    """One entry of Gemini's answer."""

    place: Place
    text: str
    traits: list[str] = []


class ProposedSentences(BaseModel):
    """Gemini's answer."""

    proposed: list[ProposedSentence]


async def propose_sentences(
    model: LanguageModel,
    message: SlottedMessage,
    brief: Brief,
    *,
    traits: Sequence[Trait],
    net: SafetyNet = NO_NET,
    variant: int = 0,
) -> list[JudgedSentence]:
    """The sentences that Gemini proposes for a message, in one call, with what the checks say of each.

    Raises `Unavailable` if Gemini does not answer, and `Invalid` if the answer has another shape.
    """
    answer = await model.generate(build_proposal_prompt(message, brief, traits=traits, variant=variant))
    try:
        proposed = ProposedSentences.model_validate(answer.content).proposed
    except ValidationError as error:
        raise Invalid("Gemini's answer does not have the requested shape.") from error
    judged = [_judge(one, message, brief) for one in proposed[:MAX_PROPOSED]]
    once = {(one.place, one.text): one for one in judged if one}
    return list(await asyncio.gather(*(_through_net(net, one) for one in once.values())))


def build_proposal_prompt(
    message: SlottedMessage, brief: Brief, *, traits: Sequence[Trait], variant: int = 0
) -> Prompt:
    """The prompt for the sentences of a message: without a subject where the message has none."""
    wanted = {place: number for place, number in WANTED.items() if place != "subject" or message.subject}
    data: dict[str, Any] = {
        "message": {"subject": message.subject, "body": message.body},
        "slots": described_slots(message),
        "must": must_slots([*message.required("body")]),
        "traits": [*traits],
        "wanted": wanted,
    }
    data |= {"wishes": wishes} if (wishes := brief.wishes) else {}
    return Prompt(instructions=INSTRUCTIONS, data=data, schema=SCHEMA, variant=variant)


def _judge(proposed: ProposedSentence, message: SlottedMessage, brief: Brief) -> JudgedSentence | None:
    """The sentence as it is kept; None for one that is too short or too long to be one."""
    text = tidy(proposed.text, proposed.place, message)
    if not 2 <= len(text) <= MAX_LENGTH or (proposed.place == "subject" and not message.subject):
        return None
    traits = tuple(trait for trait in get_args(Trait) if trait in proposed.traits)
    language = language_of_sentences(message, brief)
    judged = judge(Sentence(place=proposed.place, text=text, language=language, traits=traits[:5]), message, brief)
    if len(traits) < len(set(proposed.traits)) or len(traits) > 5:
        judged = judged.model_copy(update={"problem": "trait: It is for people of whom something else is true."})
    return judged


async def without_objections(net: SafetyNet, sentences: Sequence[Sentence]) -> list[Sentence]:
    """The sentences to which a second net does not object. It does not ask about those that a person answers for."""
    asked = [sentence for sentence in sentences if not sentence.approved]
    objections = await asyncio.gather(*(net.objection(sentence.text) for sentence in asked))
    refused = [sentence for sentence, objection in zip(asked, objections, strict=True) if objection]
    return [sentence for sentence in sentences if sentence not in refused]


async def _through_net(net: SafetyNet, sentence: JudgedSentence) -> JudgedSentence:
    """The sentence as a second net judges it. It is looked at once, not in each text."""
    objection = await net.objection(sentence.text) if sentence.is_usable else None
    return sentence.model_copy(update={"problem": f"model_armor: {objection}"[:300]}) if objection else sentence
