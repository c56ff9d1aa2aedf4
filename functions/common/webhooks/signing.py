"""Signatures by the Standard Webhooks scheme: they prove the sender, the time and the content of a request."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from standardwebhooks.webhooks import Webhook


def signed_headers(webhook: Webhook, message_id: str, body: bytes, *, now: datetime) -> Mapping[str, str]:
    """The headers for a JSON body. `message_id` stays the same when the body is sent again."""
    return {
        "content-type": "application/json",
        "webhook-id": message_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": webhook.sign(message_id, now, body.decode()),
    }
