"""Hides the addresses of customers from viewers: in every JSON answer, wherever an address stands.

It works on the finished answer, so that no endpoint can forget it. What is left of an address is its first letter and
its domain, or the beginning and the end of a number: enough to tell two people of one name apart.
"""

from __future__ import annotations

import json
import re
from typing import Any

from starlette.responses import Response

MASK = "•••"
LOCAL_PART = r"""[^\s@<>()\[\],;:"]"""
DOMAIN_LABEL = r"""[^\s@<>()\[\],;:"'!?=.]{1,63}"""  # of any script
EMAIL = re.compile(rf"(?<!{LOCAL_PART})({LOCAL_PART}){LOCAL_PART}{{0,63}}@({DOMAIN_LABEL}(?:\.{DOMAIN_LABEL}){{1,8}})")
PHONE = re.compile(r"(\+\d{2})[\d ()./-]{4,24}(\d{2})(?!\d)")
MEMBER_FIELDS = frozenset({"by", "created_by", "launched_by", "approved_by"})
"""Who did something: members, whose addresses all members may see."""
CALLERS_FIELDS = frozenset({"attributes", "fields"})
"""Maps whose names the callers choose."""


def mask_addresses(value: Any, *, kept: frozenset[str] = MEMBER_FIELDS) -> Any:
    """The JSON value with every e-mail address and phone number in it masked, except those of members.

    `kept` are the names of fields with members. In what the callers themselves name, there are none.
    """
    match value:
        case str():
            return mask_text(value)
        case list():
            return [mask_addresses(one, kept=kept) for one in value]
        case dict():
            return {mask_text(name): _mask_field(name, one, kept) for name, one in value.items()}
    return value


def _mask_field(name: str, value: Any, kept: frozenset[str]) -> Any:
    if name in kept and isinstance(value, str):
        return value
    return mask_addresses(value, kept=frozenset() if name in CALLERS_FIELDS else kept)


def mask_text(text: str) -> str:
    """The text with its addresses masked: `a•••@example.com`, `+91•••10`."""
    if "@" in text:
        text = EMAIL.sub(rf"\1{MASK}@\2", text)
    return PHONE.sub(rf"\1{MASK}\2", text) if "+" in text else text


def masked_response(response: Response) -> Response:
    """The answer with its addresses masked, if it is JSON; files are not for viewers."""
    if not response.headers.get("content-type", "").startswith("application/json"):
        return response
    content = json.dumps(mask_addresses(json.loads(bytes(response.body))), ensure_ascii=False, separators=(",", ":"))
    headers = {
        name: value for name, value in response.headers.items() if name not in {"content-length", "content-type"}
    }
    return Response(content, response.status_code, headers, "application/json", background=response.background)
