"""Signing as Standard Webhooks do: the receiver can tell who sent it, when, and that nothing was changed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from standardwebhooks.webhooks import Webhook


def signed(webhook: Webhook, message_id: str, body: bytes, *, now: datetime) -> Mapping[str, str]:
    """The headers of a JSON body. `message_id` stays the same when it is sent again."""
    return {
        "content-type": "application/json",
        "webhook-id": message_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": webhook.sign(message_id, now, body.decode()),
    }
