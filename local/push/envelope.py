"""The request body that Pub/Sub posts to a push endpoint."""

from __future__ import annotations

import json
from base64 import b64encode
from typing import Any


def envelope(message: Any, subscription: str, attempt: int | None) -> bytes:
    """Return the wrapped `PubsubMessage`, with both spellings of the fields that the cloud sends twice.

    `attempt` is None if the subscription has no dead-letter topic, because the cloud counts attempts only with one.
    """
    published = message.publish_time.ToJsonString()
    wrapped = {
        "data": b64encode(message.data).decode(),
        "attributes": dict(message.attributes),
        "messageId": message.message_id,
        "message_id": message.message_id,
        "publishTime": published,
        "publish_time": published,
    }
    if message.ordering_key:
        wrapped["orderingKey"] = message.ordering_key
    body: dict[str, Any] = {"message": wrapped, "subscription": subscription}
    if attempt is not None:
        body["deliveryAttempt"] = attempt
    return json.dumps(body).encode()


def dead_letter_attributes(message: Any, subscription: str, attempts: int) -> dict[str, str]:
    """Return the attributes of a message that is forwarded to a dead-letter topic. `subscription` is the full path."""
    _, project, _, name = subscription.split("/")
    return dict(message.attributes) | {
        "CloudPubSubDeadLetterSourceDeliveryCount": str(attempts),
        "CloudPubSubDeadLetterSourceSubscription": name,
        "CloudPubSubDeadLetterSourceSubscriptionProject": project,
        "CloudPubSubDeadLetterSourceTopicPublishTime": message.publish_time.ToJsonString(),
    }
