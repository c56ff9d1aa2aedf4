"""Writes to one person, together with the others who are waiting.

A person is never left without a message: where Gemini is late, refuses, or breaks a guard, they get the campaign's
message with their fields filled in, and the reason is kept.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from common.batching import Batcher
from common.errors import HeraldError
from common.events import Message, MessagePersonalized, RecipientFound
from common.llm.gemini import Model
from common.messages.campaign_state import Controls
from common.messages.deferred import DeferredMessages, Waiting
from common.messages.templates import render
from common.pubsub.publisher import Publisher

from .guard import objection
from .prompt import prompt_for, texts_of

log = logging.getLogger(__name__)
MOST_PEOPLE = 10  # in one call: more save tokens, but risk that one person's text leaks into another's
MOST_CALLS = 16  # under way at once, for one campaign
LINGER_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Written:
    """Gemini's text, or why there is none."""

    message: Message | None
    objection: str | None = None


class Personalizer:
    def __init__(
        self,
        *,
        model: Model,
        publisher: Publisher,
        controls: Controls,
        held: DeferredMessages,
        linger: float = LINGER_SECONDS,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._model = model
        self._publisher = publisher
        self._controls = controls
        self._held = held
        self._clock = clock
        self._batches: Batcher[RecipientFound, Written] = Batcher(
            self._write, most=MOST_PEOPLE, parallel=MOST_CALLS, linger=linger, group=lambda one: one.campaign_id
        )

    async def personalize(self, recipient: RecipientFound) -> None:
        """Returns when the person's text is on its way to delivery, or the person put aside: the campaign is paused."""
        control = await self._controls.get(recipient.campaign_id)
        if control.paused:
            await self._held.hold([Waiting(event=recipient, reason="paused", until=self._clock())])
            return
        template = render(recipient.message, recipient.fields)
        written = Written(None) if control.cancelled else await self._written(recipient)
        text = written.message or template
        await self._publisher.publish(
            [
                MessagePersonalized(
                    **recipient.model_dump(include={*MessagePersonalized.model_fields} - {"personalization"}),
                    subject=text.subject,
                    body=text.body,
                    personalized_by="gemini" if written.message else "template",
                    fallback=written.objection,
                )
            ]
        )

    async def _written(self, recipient: RecipientFound) -> Written:
        if recipient.personalization == "template":
            return Written(None)
        return await self._batches.submit(recipient)

    async def _write(self, recipients: Sequence[RecipientFound]) -> Sequence[Written]:
        """One call for all of them. Two copies of one person's event are written for once."""
        people = {one.message_id: one for one in recipients}
        try:
            answer = await self._model.ask(prompt_for(list(people.values())))
            texts = dict(zip(people, texts_of(answer.content, len(people)), strict=True))
        except HeraldError as error:
            log.warning("template instead of Gemini", extra={"people": len(people), "reason": str(error)})
            return [Written(None, str(error)[:300])] * len(recipients)
        return [_checked(one, texts[one.message_id]) for one in recipients]


def _checked(recipient: RecipientFound, text: Message) -> Written:
    reason = objection(text, template=render(recipient.message, recipient.fields), fields=recipient.fields)
    return Written(None, reason) if reason else Written(text)
