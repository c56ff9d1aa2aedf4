"""Signed links in messages: what they are about stands in them, and nobody can make one up.

    {public URL}/api/unsubscribe/{campaign}.{customer}.{attempt}.{signature}

The key of the signature comes from `SUPPRESSION_KEY`, which lives as long as the data: a link in an old message works.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass

from pydantic import SecretStr

from common.ids import is_id

SIGNATURE_LENGTH = 32
PURPOSE = "unsubscribe"


@dataclass(frozen=True, kw_only=True, slots=True)
class LinkedMessage:
    """The message that a link stands in."""

    campaign_id: str
    customer_id: str
    attempt: int


class MessageLinks:
    """Makes and reads the links of messages. `public_url` has no slash at the end."""

    def __init__(self, key: SecretStr, *, public_url: str = "") -> None:
        self._key = hmac.digest(key.get_secret_value().encode(), b"links in messages", hashlib.sha256)
        self._public_url = public_url

    def unsubscribe_url(self, message: LinkedMessage) -> str:
        """Where the recipient of the message can say that they want no more."""
        text = f"{message.campaign_id}.{message.customer_id}.{message.attempt}"
        return f"{self._public_url}/api/unsubscribe/{text}.{self._sign(text)}"

    def read(self, token: str) -> LinkedMessage | None:
        """The message of the last part of a link; None if Herald did not make it."""
        text, _, signature = token.rpartition(".")
        if not hmac.compare_digest(self._sign(text).encode(), signature.encode(errors="replace")):
            return None
        campaign_id, customer_id, attempt = text.split(".")
        if not is_id(customer_id) or not attempt.isdecimal():
            return None
        return LinkedMessage(campaign_id=campaign_id, customer_id=customer_id, attempt=int(attempt))

    def _sign(self, text: str) -> str:
        signed = f"{PURPOSE}.{text}".encode(errors="replace")
        return hmac.new(self._key, signed, hashlib.sha256).hexdigest()[:SIGNATURE_LENGTH]
