"""Where webhooks are stored, and what happens to their events.

In the access database, which only the function `members` may write:

    webhooks/{id}                          name, url, the secrets, who created it

Beside the other data:

    webhook_states/{id}                    which events it gets, whether it is switched on, since when it fails
    outgoing_events/{batch}                what one commit says has happened; an event's id is `{batch}-{number}`
    webhook_deliveries/{webhook}.{batch}   the events of a batch that a webhook still has to get, and when to try
    webhook_attempts/{webhook}.{…}         what a webhook answered; the newest first in the order of the ids

The last three are deleted after `RETENTION`.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from common.ids import is_id, random_id
from common.storage.documents import Create, Snapshot
from common.webhooks.event_types import WebhookEvent

RETENTION = timedelta(days=7)
MAX_WEBHOOKS = 20
LAST_MICROSECOND = 10**16
"""Later than any time in microseconds that is stored."""


@dataclass(frozen=True, kw_only=True, slots=True)
class WebhookState:
    """What changes about a webhook: which events it gets, and how it goes."""

    types: tuple[str, ...] = ()
    enabled: bool = True
    needs_attention: str | None = None  # why Herald has switched it off: `failing` or `gone`
    failing_since: datetime | None = None  # no request has succeeded since
    last_success_at: datetime | None = None

    @classmethod
    def from_snapshot(cls, stored: Snapshot) -> WebhookState:
        """The state as it is stored; one that was never written gets nothing."""
        data = stored.data or {"enabled": False}
        known = {name: data[name] for name in cls.__slots__ if name in data}
        return cls(**{**known, "types": tuple(known.get("types", ()))})


def webhook_path(webhook_id: str) -> str:
    """In the access database."""
    return f"webhooks/{webhook_id}"


def state_path(webhook_id: str) -> str:
    return f"webhook_states/{webhook_id}"


def batch_path(batch: str) -> str:
    return f"outgoing_events/{batch}"


def event_id(batch: str, number: int) -> str:
    """The `webhook-id` of an event: the same however often, and to whom, it is sent."""
    return f"{batch}-{number}"


def parse_event_id(text: str) -> tuple[str, int] | None:
    """The batch and the number of an event; None if this is not the id of one."""
    batch, _, number = text.partition("-")
    return (batch, int(number)) if is_id(batch) and number.isdecimal() and len(number) <= 4 else None


def new_batch(
    events: Sequence[WebhookEvent], *, now: datetime, waiting: bool = True, batch: str | None = None
) -> Create:
    """The write of what happened together. `waiting`: it is still to be divided among the webhooks."""
    lines = b"\n".join(json.dumps(event, ensure_ascii=False, default=str).encode() for event in events)
    data = {
        "at": now,
        "waiting": waiting,
        "types": [event["type"] for event in events],
        "events": gzip.compress(lines, compresslevel=6, mtime=0),
        "expires_at": now + RETENTION,
    }
    return Create(batch_path(batch or random_id()), data)


def read_events(batch: Snapshot) -> list[WebhookEvent]:
    """The events of a stored batch, by their numbers."""
    return [json.loads(line) for line in gzip.decompress(batch["events"]).split(b"\n")]


def delivery(
    webhook_id: str, batch: str, numbers: Sequence[int], *, now: datetime, replay: str | None = None
) -> Create:
    """The write that makes a webhook get these events of a batch. A replay beside the first delivery has an id."""
    ids: Mapping[str, Any] = {"webhook": webhook_id, "batch": batch, "left": list(numbers)}
    path = f"webhook_deliveries/{webhook_id}.{batch}{f'.{replay}' if replay else ''}"
    return Create(path, {**ids, "attempt": 0, "due_at": now, "expires_at": now + RETENTION})


def attempts_range(webhook_id: str) -> tuple[str, str]:
    """The ids of the attempts of a webhook: from the first one on, and before the second one."""
    return f"{webhook_id}.", f"{webhook_id}.~"  # an id cannot have a slash


def new_attempt_path(webhook_id: str, now: datetime) -> str:
    """Later attempts have smaller ids, so that the newest ones are read without an index."""
    reversed_time = LAST_MICROSECOND - int(now.timestamp() * 1_000_000)
    return f"webhook_attempts/{attempts_range(webhook_id)[0]}{reversed_time:016d}.{random_id()}"
