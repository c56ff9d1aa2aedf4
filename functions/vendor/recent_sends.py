"""The frequency cap at the claim: which campaigns have lately sent to an address, on one channel.

    recent_sends/{keyed hash}   campaigns    by campaign: until when its message to the address may be sent
                                expires_at   when none of them counts for any cap

The plan of a campaign leaves out who has had enough by then. But several campaigns can be planned before any of them
has sent. So each claim of a counted message changes this document in its own commit, over the version that was read:
of two campaigns at once one is first, and the other reads again. A message counts from its claim on, whatever becomes
of it; several messages of one campaign count once, for families that share an address.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from common.events import MessageReady
from common.frequency_cap import MAX_DAYS, OFF, FrequencyCap
from common.storage.documents import Create, Put, Snapshot

TOO_OFTEN = "too_often"
KEPT = timedelta(days=MAX_DAYS)


def is_counted(message: MessageReady) -> bool:
    """Whether the message counts for the cap of its address, and may be held by it."""
    return bool(message.to and message.frequency_cap and not message.skip_reason)


class RecentSends:
    """The documents of some addresses, and how a commit is to change them."""

    def __init__(self, stored: Mapping[str, Snapshot]) -> None:
        self._stored = stored
        self._campaigns: dict[str, dict[str, datetime]] = {
            path: {**document.get("campaigns", {})} for path, document in stored.items()
        }
        self._changed: set[str] = set()

    def has_had_enough(self, path: str, message: MessageReady, now: datetime) -> bool:
        """Whether others have sent as many messages to the address as the cap of this message allows."""
        if not message.frequency_cap or message.frequency_cap == OFF:
            return False
        cap = FrequencyCap.parse(message.frequency_cap)
        since = now - timedelta(days=cap.days)
        others = [until for id_, until in self._campaigns[path].items() if id_ != message.campaign_id]
        return sum(until > since for until in others) >= cap.messages

    def count(self, path: str, message: MessageReady, until: datetime) -> None:
        """Notes that the message may be sent until that time."""
        self._campaigns[path][message.campaign_id] = until
        self._changed.add(path)

    def writes(self, now: datetime) -> list[Create | Put]:
        """The changed documents, over the versions that were read, without what is too old for any cap."""
        return [self._write(self._stored[path], now) for path in sorted(self._changed)]

    def _write(self, stored: Snapshot, now: datetime) -> Create | Put:
        campaigns = {id_: until for id_, until in self._campaigns[stored.path].items() if until > now - KEPT}
        data = {"campaigns": campaigns, "expires_at": max(campaigns.values()) + KEPT}
        return Put(stored.path, data, stored.version) if stored.exists else Create(stored.path, data)
