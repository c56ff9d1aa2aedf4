"""Signed links in messages: what they are about stands in them, and nobody can make one up.

    {public URL}/api/unsubscribe/{campaign}.{customer}.{attempt}.{address hash}.{signature}
    {public URL}/api/o/{campaign}.{customer}.{attempt}.{signature}
    {public URL}/api/c/{campaign}.{customer}.{attempt}.{link}.{address}.{signature}
    {public URL}/api/view/{campaign}.{customer}.{attempt}.{signature}
    {public URL}/api/view/{until}.{hash of a page}.{signature}
    {public URL}/api/confirm/{form}.{request}.{until}.{signature}

The keyed hash of the address that the message went to makes a link to unsubscribe about that address for ever, whatever
address the customer has later. (Links of older code do not have it.) Each kind of link has signatures of its own: one
does not open what another does. A link of `/api/c` leads to the address in it, and `link` is its number: the hash of
the address as the author wrote it. The key of the signature comes from `SUPPRESSION_KEY`, which lives as long as the
data: a link in an old message works. A page speaks the language of its link (`?language=hi`), which nobody needs to
sign. A link in an English message says none, because that may be only the text for everybody: then the reader's browser
decides.

The link to confirm what was written into a form works until a time. `/api/view` with a time is no link of a message: a
browser of the team posts a page there that Herald has made, and is shown it.
"""

from __future__ import annotations

import binascii
import hashlib
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from pydantic import SecretStr

from common.ids import is_id, stable_hash

from .texts import DEFAULT_LANGUAGE, known_language

SIGNATURE_LENGTH = 32
LINK_LENGTH = 12
Purpose = Literal["unsubscribe", "open", "click", "view", "page", "confirm"]


@dataclass(frozen=True, kw_only=True, slots=True)
class LinkedMessage:
    """The message that a link stands in."""

    campaign_id: str
    customer_id: str
    attempt: int
    address_hash: str | None = None  # of the address that the message went to


@dataclass(frozen=True, kw_only=True, slots=True)
class LinkedAddress:
    """Where a link of a message leads, and which of its links it is."""

    message: LinkedMessage
    link: str
    address: str


@dataclass(frozen=True, kw_only=True, slots=True)
class LinkedRequest:
    """What somebody wrote into a form, and the link in their mailbox confirms."""

    form_id: str
    request_id: str  # keyed hash of the form and the address
    until: datetime  # the link works until then; each mail has another time


def link_id(address: str) -> str:
    """What stands for a link in the numbers: the same for everybody who has the same address in their message."""
    return stable_hash("link", address)[:LINK_LENGTH]


def page_hash(page: str) -> str:
    """The hash of a page. A form in a browser sends each line break as two characters."""
    return stable_hash("page", page.replace("\r\n", "\n"))


class MessageLinks:
    """Makes and reads the links of messages. `public_url` has no slash at the end."""

    def __init__(self, key: SecretStr, *, public_url: str = "") -> None:
        self._key = hmac.digest(key.get_secret_value().encode(), b"links in messages", hashlib.sha256)
        self._public_url = public_url

    def unsubscribe_url(self, message: LinkedMessage, *, language: str | None = None) -> str:
        """Where the recipient of the message can say that they want no more. `language` is that of the message."""
        token = self._signed("unsubscribe", _text_with_address(message))
        return f"{self._public_url}/api/unsubscribe/{token}{_in_language(language)}"

    def view_url(self, message: LinkedMessage, *, language: str | None = None) -> str:
        """Where the recipient can read the message in a browser."""
        return f"{self._public_url}/api/view/{self._signed('view', _text(message))}{_in_language(language)}"

    def open_url(self, message: LinkedMessage) -> str:
        """The image whose loading says that the message was opened."""
        return f"{self._public_url}/api/o/{self._signed('open', _text(message))}"

    def click_url(self, message: LinkedMessage, address: str, *, link: str) -> str:
        """The link that leads to the address, and says that somebody followed it. `link` is its number."""
        encoded = urlsafe_b64encode(address.encode()).decode().rstrip("=")
        return f"{self._public_url}/api/c/{self._signed('click', f'{_text(message)}.{link}.{encoded}')}"

    def confirm_url(self, request: LinkedRequest, *, language: str | None = None) -> str:
        """Where the owner of a mailbox can confirm what was written into a form."""
        text = f"{request.form_id}.{request.request_id}.{int(request.until.timestamp())}"
        return f"{self._public_url}/api/confirm/{self._signed('confirm', text)}{_in_language(language)}"

    def read_confirm(self, token: str, *, now: datetime) -> LinkedRequest | None:
        """What the link confirms; None if Herald did not make it, or it is too old."""
        text = self._verified("confirm", token)
        if not text:
            return None
        form_id, request_id, seconds = text.split(".")
        until = datetime.fromtimestamp(int(seconds), UTC)
        return LinkedRequest(form_id=form_id, request_id=request_id, until=until) if now < until else None

    def page_url(self, page: str, *, until: datetime) -> str:
        """Where a browser can post the page until then, to be shown it."""
        return f"{self._public_url}/api/view/{self._signed('page', f'{int(until.timestamp())}.{page_hash(page)}')}"

    def read_page(self, token: str, *, now: datetime) -> str | None:
        """The hash of the page that may be shown; None if Herald did not make the address, or it is too old."""
        text = self._verified("page", token)
        until, _, hashed = text.partition(".") if text else ("0", "", "")
        return hashed if now.timestamp() < int(until) else None

    def read(self, token: str, purpose: Purpose = "unsubscribe") -> LinkedMessage | None:
        """The message of the last part of a link; None if Herald did not make it for this purpose."""
        text = self._verified(purpose, token)
        return _message(text) if text else None

    def read_click(self, token: str) -> LinkedAddress | None:
        """The link behind the last part of a `click_url`; None if Herald did not make it."""
        text = self._verified("click", token)
        if not text:
            return None
        message, link, encoded = text.rsplit(".", 2)
        linked = _message(message)
        try:
            address = urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)).decode()
        except (binascii.Error, UnicodeDecodeError):
            return None
        return LinkedAddress(message=linked, link=link, address=address) if linked else None

    def _signed(self, purpose: Purpose, text: str) -> str:
        return f"{text}.{self._sign(purpose, text)}"

    def _verified(self, purpose: Purpose, token: str) -> str | None:
        text, _, signature = token.rpartition(".")
        expected = self._sign(purpose, text).encode()
        return text if hmac.compare_digest(expected, signature.encode(errors="replace")) else None

    def _sign(self, purpose: Purpose, text: str) -> str:
        signed = f"{purpose}.{text}".encode(errors="replace")
        return hmac.new(self._key, signed, hashlib.sha256).hexdigest()[:SIGNATURE_LENGTH]


def _in_language(language: str | None) -> str:
    """The end of a link whose page has texts in the language of the message."""
    known = known_language(language)
    return "" if known == DEFAULT_LANGUAGE else f"?language={known}"


def _text(message: LinkedMessage) -> str:
    return f"{message.campaign_id}.{message.customer_id}.{message.attempt}"


def _text_with_address(message: LinkedMessage) -> str:
    return f"{_text(message)}.{message.address_hash}" if message.address_hash else _text(message)


def _message(text: str) -> LinkedMessage | None:
    """The message that the text of a link is about; None for a text of a form that Herald does not write."""
    campaign_id, customer_id, attempt, *address = text.split(".")
    if not is_id(customer_id) or not attempt.isdecimal():
        return None
    return LinkedMessage(
        campaign_id=campaign_id,
        customer_id=customer_id,
        attempt=int(attempt),
        address_hash=address[0] if address else None,
    )
