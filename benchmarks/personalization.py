"""`python -m benchmarks.personalization`: what Gemini's texts cost, and what the checks make of them.

Two hundred people get five messages, through the function, the SDK and the stand-in: written freely, with packs of 1,
5, 10 and 20 people a call, and put together of checked sentences, with packs of 10, 25 and 50. The tokens are the
stand-in's estimate (four characters each); the prices are Google's. With `--model local`, a real small model writes
(`local/small_model`), one person a call, or the sentences that the stand-in then chooses from; what it writes and what
is sent of it are printed, so that both can be read.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from aiohttp.test_utils import TestServer
from rich.console import Console
from rich.table import Table

from common.events import MessageReady, MessageTemplate, RecipientSelected, WritingStyle
from common.ids import message_id
from common.llm.gemini import Gemini
from common.llm.usage import GeminiUsage
from common.messages.campaign_state import CampaignStates
from common.messages.deferred import DeferredMessages
from common.settings import CloudSettings, GeminiSettings
from common.storage.memory import MemoryDocuments, MemoryPublisher
from common.writing.tasks import fallback_name
from local.demo import CITIES, FIRST_NAMES, LAST_NAMES
from local.gemini.behaviour import GeminiBehaviour, GeminiControl, GeminiMode
from local.gemini.protocol import TextWriter, application
from local.small_model.model import SmallModel
from personalization.budget import GeminiBudget
from personalization.personalizer import Personalizer

Writing = Literal["free", "sentences"]
PACKS: Mapping[Writing, Sequence[int]] = {"free": (1, 5, 10, 20), "sentences": (10, 25, 50)}
DOLLARS_PER_INPUT_TOKEN, DOLLARS_PER_OUTPUT_TOKEN = 0.30e-6, 2.50e-6  # gemini-3.5-flash-lite
MESSAGES = (
    MessageTemplate(
        subject="{{ first_name }}, something for you",
        body="Hi {{ first_name }},\n\nit has been a while. Here is 15% off your next order, with the code WELCOME15, "
        "until Sunday.\n\nSee you soon!",
    ),
    MessageTemplate(
        subject="New for winter",
        body="Hi {{ first_name }},\n\nour new winter collection is in the shop in {{ city }}: "
        "https://shop.example/winter.",
    ),
    MessageTemplate(
        subject="Up to 50% off",
        body="Hello {{ name }},\n\nup to 50% off selected styles on orders above ₹1,500, until 5 December 2026.\n\n"
        "Questions? help@shop.example or 1800 266 100.",
    ),
    MessageTemplate(
        subject="{{ first_name }} जी, आपके लिए",
        body="नमस्ते {{ first_name }} जी,\n\nसर्दियों का नया कलेक्शन आ गया है। "
        "अगले ऑर्डर पर 15% की छूट, कोड SARDI15 के साथ, रविवार तक।",
    ),
    MessageTemplate(
        subject="Thank you",
        body="Dear {{ first_name | default('friend') }},\n\nthank you for your {{ orders }} orders. "
        "Free delivery on all orders this week.\n\nYour team",
    ),
)
FACTS = (
    ("15% off your next order", "WELCOME15", "until Sunday"),
    ("https://shop.example/winter",),
    ("50% off selected styles on orders above ₹1,500", "5 December 2026", "help@shop.example", "1800 266 100"),
    ("15%", "SARDI15", "रविवार तक"),
    ("Free delivery on all orders", "this week"),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class PackFigures:
    """The figures of one size of packs."""

    writing: Writing
    pack: int
    calls: int
    fallbacks: Counter[str]
    facts_lost: int
    distinct: int
    input_tokens: int
    output_tokens: int
    seconds: float
    messages: int
    sent: tuple[str, ...]  # the bodies that are not the template

    @property
    def dollars_per_thousand(self) -> float:
        dollars = self.input_tokens * DOLLARS_PER_INPUT_TOKEN + self.output_tokens * DOLLARS_PER_OUTPUT_TOKEN
        return 1000 * dollars / self.messages


async def measure(
    writing: Writing, pack: int, people: int, mode: GeminiMode, writer: TextWriter | None = None
) -> PackFigures:
    """Personalizes all messages for all people, with `pack` people in each call."""
    control = GeminiControl()
    control.configure(GeminiBehaviour(mode=mode))
    async with TestServer(application(control, writer)) as server:
        base_url = str(server.make_url("/")).rstrip("/")
        settings = GeminiSettings.read(
            {"GEMINI_API_KEY": "local", "GEMINI_BASE_URL": base_url, "GEMINI_TIMEOUT_SECONDS": "300"}
        )
        documents, publisher = MemoryDocuments(), MemoryPublisher()
        personalizer = Personalizer(
            model=Gemini(settings, CloudSettings.read({"GOOGLE_CLOUD_PROJECT": "demo"})),
            publisher=publisher,
            documents=documents,
            campaign_states=CampaignStates(documents),
            deferred=DeferredMessages(documents, publisher),
            budget=GeminiBudget(GeminiUsage(documents, instance="benchmark"), calls_per_day=None),
            recipients_per_call=pack,
            choices_per_call=pack,
        )
        started = time.perf_counter()
        recipients = make_recipients(people, writing)
        await asyncio.gather(*(personalizer.personalize(recipient) for recipient in recipients))
        seconds = time.perf_counter() - started
    texts = [event for event in publisher.events if isinstance(event, MessageReady)]
    return PackFigures(
        writing=writing,
        pack=pack,
        calls=control.counts.calls,
        fallbacks=Counter(fallback_name(text.fallback) for text in texts if text.fallback),
        facts_lost=sum(_lost(text) for text in texts),
        distinct=len({text.body.replace(text.name or "-", "") for text in texts}),
        input_tokens=control.counts.prompt_tokens,
        output_tokens=control.counts.answer_tokens,
        seconds=seconds,
        messages=len(texts),
        sent=tuple(text.body for text in texts if not text.fallback),
    )


async def measure_small_model(writing: Writing, people: int) -> PackFigures:
    """With the real small model, which writes one text a call. Prints what is sent."""
    model = await SmallModel.start()
    try:
        figures = await measure(writing, 1 if writing == "free" else 25, people, "ok", ShownTexts(model))
    finally:
        await model.stop()
    for body in sorted(set(figures.sent)):
        print("sent:", json.dumps(body, ensure_ascii=False))
    return figures


class ShownTexts:
    """A writer whose texts are printed as they come, so that they can be read."""

    def __init__(self, writer: TextWriter) -> None:
        self._writer = writer

    async def texts(
        self, message: Mapping[str, str], people: Sequence[Mapping[str, Any]], *, seed: int = 0
    ) -> list[dict[str, str]]:
        texts = await self._writer.texts(message, people, seed=seed)
        for text in texts:
            print(json.dumps(text["body"], ensure_ascii=False), flush=True)
        return texts

    async def sentences(
        self, message: Mapping[str, str], wanted: Mapping[str, int], *, seed: int = 0
    ) -> list[dict[str, Any]]:
        sentences = await self._writer.sentences(message, wanted, seed=seed)
        for sentence in sentences:
            print(sentence["place"], json.dumps(sentence["text"], ensure_ascii=False), flush=True)
        return sentences


def make_recipients(people: int, writing: Writing) -> list[RecipientSelected]:
    """Each person once for each message. Always the same."""
    rng, style = random.Random(7), WritingStyle(writing=writing)
    return [
        _recipient(number, person, message, rng).model_copy(update={"style": style, "writing": writing})
        for number, message in enumerate(MESSAGES)
        for person in range(people)
    ]


def _recipient(number: int, person: int, message: MessageTemplate, rng: random.Random) -> RecipientSelected:
    """A customer of the demo, with or without a first name."""
    first, last, city = rng.choice(FIRST_NAMES), rng.choice(LAST_NAMES), rng.choice(CITIES)
    fields = {
        "name": f"{first} {last}",
        "first_name": first if rng.random() < 0.9 else None,
        "city": city,
        "visits": rng.choice([0, 1, 2, 5, 20]),
        "orders": rng.choice([0, 1, 3, 8]),
        "last_active_at": rng.choice(["2026-01-05", "2026-09-01", "2026-11-24"]),
    }
    return RecipientSelected(
        message_id=message_id(f"c{number}", str(person)),
        campaign_id=f"c{number}",
        customer_id=str(person),
        name=first,
        to="a@example.com",
        fields=fields,
        message=message,
        channel="email",
        vendor="simulator",
        personalization="gemini",
    )


def _lost(text: MessageReady) -> int:
    facts = FACTS[int(text.campaign_id[1:])]
    return sum(fact not in text.body for fact in facts)


def show(figures: Sequence[PackFigures]) -> Table:
    """The figures as a table."""
    counted = "written|people a call|calls|template instead|facts lost|distinct texts"
    table = Table(*f"{counted}|tokens in|tokens out|$ per 1,000|seconds".split("|"))
    for row in figures:
        reasons = json.dumps(dict(row.fallbacks)) if row.fallbacks else "0"
        cells = (
            row.writing,
            row.pack,
            row.calls,
            reasons,
            row.facts_lost,
            row.distinct,
            row.input_tokens,
            row.output_tokens,
        )
        table.add_row(*map(str, cells), f"{row.dollars_per_thousand:.3f}", f"{row.seconds:.1f}")
    return table


def main() -> None:
    """Reads the options, measures, and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=200)
    parser.add_argument("--model", choices=["stand-in", "local"], default="stand-in")
    parser.add_argument("--writing", choices=[*PACKS], default="free", help="with --model local")
    parser.add_argument("--mode", default="ok", help="a mode of the stand-in")
    options = parser.parse_args()
    if options.model == "local":
        figures = [asyncio.run(measure_small_model(options.writing, options.people))]
    else:
        figures = [
            asyncio.run(measure(writing, pack, options.people, options.mode))
            for writing, packs in PACKS.items()
            for pack in packs
        ]
    Console().print(show(figures))


if __name__ == "__main__":
    main()
