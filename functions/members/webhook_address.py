"""The address of a webhook, and its secret.

What the name leads to is checked at each request (`common/webhooks/public_hosts.py`): it may change at any time. Here
is checked what can be seen from the address alone, so that a mistake is told at once.
"""

from __future__ import annotations

import secrets
from base64 import b64encode
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import StringConstraints

from common.errors import FieldError, Invalid
from common.webhooks.public_addresses import is_public

SECRET_BYTES = 32
MAX_URL_LENGTH = 500
LOCAL_NAMES = (".localhost", ".local", ".internal")
WebhookAddress = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_URL_LENGTH, pattern=r"^https?://[!-~]+$")
]


def new_secret() -> str:
    """A secret as Standard Webhooks writes it."""
    return f"whsec_{b64encode(secrets.token_bytes(SECRET_BYTES)).decode()}"


def check_address(url: str, *, allows_private: bool) -> None:
    """Raises `Invalid` for an address to which nothing would be sent."""
    problem = _problem(url, allows_private)
    if problem:
        error = FieldError(field="url", code="not_available", message=problem)
        raise Invalid("The address of the webhook cannot be used.", fields=[error])


def _problem(url: str, allows_private: bool) -> str | None:
    """What is wrong with an address, and what to write instead; None if nothing is."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return "This is not an address; write it like https://shop.example/herald."
    if not host:
        return "This is not an address; write it like https://shop.example/herald."
    if parts.username or parts.password:
        return "Leave out the user and the password: requests are signed instead."
    if parts.fragment:
        return "Leave out what follows #: it is not sent."
    if allows_private:
        return None
    if parts.scheme != "https":
        return "Write an address that begins with https://."
    if _is_private(host):
        return "The address leads into a private network; write one on the internet."
    return None


def _is_private(host: str) -> bool:
    if host == "localhost" or f".{host}".endswith(LOCAL_NAMES):
        return True
    try:
        return not is_public(host)
    except ValueError:
        return False  # a name
