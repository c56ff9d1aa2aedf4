"""Which messages wait for the clock of their recipients, and until when."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from common.events import MessageReady, RecipientSelected
from common.messages.claim_fields import possibly_sent
from common.messages.send_times import SendTimes, Wait
from common.storage.documents import Documents


async def find_waits(
    documents: Documents, times: SendTimes, messages: Sequence[RecipientSelected | MessageReady], now: datetime
) -> list[Wait | None]:
    """For each message. One that the vendor may have does not wait: asking about it again is no new message."""
    waits = [times.wait(message, now) for message in messages]
    waiting = [
        message for message, wait in zip(messages, waits, strict=True) if wait and isinstance(message, MessageReady)
    ]
    asked = await possibly_sent(documents, waiting)
    return [
        None if isinstance(message, MessageReady) and message.attempt_id in asked else wait
        for message, wait in zip(messages, waits, strict=True)
    ]
