"""The discard vendor."""

from __future__ import annotations

from common.events import MessageReady
from vendor.vendor import Accepted
from vendor.vendors import create_vendors

SIMULATOR = {"PUBLIC_URL": "https://herald.example", "CALLBACK_SECRET": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}


async def test_discard_vendor_accepts_every_message_as_sent() -> None:
    """The message counts as sent at once: no report follows."""
    message = MessageReady(
        message_id="1f",
        campaign_id="2f",
        customer_id="3f",
        channel="email",
        vendor="discard",
        to="asha@example.com",
        name="Asha",
        subject="Hi",
        body="Hello",
        personalized_by="template",
    )
    vendors = create_vendors(SIMULATOR)
    async with vendors["discard"].concurrency_limit:
        assert await vendors["discard"].send(message) == Accepted(final=True)
