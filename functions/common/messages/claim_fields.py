"""What a stored claim says: whether the vendor may have the message, and whether it would recognize it again.

    claims/{idempotency key}   sending_since   since when the vendor may have the message; None: it surely does not
                               accepted_at     when the vendor accepted it, to report the outcome later
                               answer          what the vendor said finally, if that could not be reported

The id is the idempotency key, so that two attempts with one key can never be sent at the same time.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from common.catalogue.vendors import VENDORS
from common.events import MessageReady, attempt_id
from common.storage.documents import Documents, Snapshot

RETENTION_WITHOUT_CAMPAIGN = timedelta(days=1)
"""Of the claims of test messages and of mails of forms: no end of a campaign deletes them."""
SAFETY_MARGIN = timedelta(minutes=10)
"""A key counts as forgotten this long before the vendor's own time: clocks differ, and a request takes time."""


def claim_path(message_id: str, idempotency_attempt: int) -> str:
    """The claim of the attempt whose idempotency key is used."""
    return f"claims/{attempt_id(message_id, idempotency_attempt)}"


def sending_since(claim: Snapshot) -> datetime | None:
    """Since when the vendor may have the claim's message; None if it surely does not have it."""
    if not claim.exists or claim.get("skip_reason"):
        return None
    since: datetime | None = claim.get("sending_since", claim.get("at"))
    return since


async def possibly_sent(documents: Documents, messages: Sequence[MessageReady]) -> set[str]:
    """The attempt ids of those of the messages that the vendor may have."""
    paths = [claim_path(message.message_id, message.idempotency_attempt) for message in messages]
    claims = await documents.get_all(paths) if paths else []
    return {message.attempt_id for message, claim in zip(messages, claims, strict=True) if sending_since(claim)}


def recognizes_keys(vendor: str) -> bool:
    """Whether the vendor recognizes idempotency keys at all."""
    return vendor in VENDORS and VENDORS[vendor].idempotency_window is not None


def is_recognized(vendor: str, since: datetime, now: datetime) -> bool:
    """Whether the vendor would recognize a message that it may have since then, and so not deliver it twice."""
    window = VENDORS[vendor].idempotency_window if vendor in VENDORS else None
    return window is not None and now < since + window - SAFETY_MARGIN
