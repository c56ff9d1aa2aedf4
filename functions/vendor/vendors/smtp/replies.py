"""What a mail server's refusal means: by its enhanced status code (RFC 3463), else by the reply code (RFC 5321)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from ...vendor import Rejected, VendorMisconfigured, VendorUnavailable

Command = Literal["connect", "mail", "rcpt", "data"]
"""What the server was asked when it refused."""
ENHANCED = re.compile(r"^\s*([245])\.(\d{1,3})\.(\d{1,3})\b")
NO_SUCH_ADDRESS = frozenset({"1.0", "1.1", "1.2", "1.3", "1.6", "1.9", "1.10", "2.1"})
"""The mailbox or its domain does not exist, has moved, takes no mail, or is disabled."""
LATER = frozenset({"2.2", "3.1"})
"""The mailbox or the server is full."""
OUR_FAULT = frozenset({"1.7", "1.8", "7.0", "7.8", "7.9", "7.11"})
"""The sender's address or the log-in is not accepted."""
LOG_IN = frozenset({530, 534, 535, 538})
MAX_REASON_LENGTH = 500


@dataclass(frozen=True, slots=True)
class Refusal:
    """A server's negative answer: its code and its text, which may begin with an enhanced code."""

    code: int
    text: str


def outcome_of(refusal: Refusal, command: Command) -> Rejected:
    """What a refusal means for the message.

    Raises `VendorMisconfigured` if the settings are at fault, and `VendorUnavailable` if the server asks for a later
    try. After a refusal the server surely does not have the message.
    """
    code, reason = refusal.code, _reason(refusal)
    enhanced = ENHANCED.match(refusal.text)
    detail = f"{enhanced[2]}.{enhanced[3]}" if enhanced else ""
    if code in LOG_IN or (code >= 500 and command in {"connect", "mail"}):
        raise VendorMisconfigured(reason)
    if code >= 500 and detail in OUR_FAULT:
        raise VendorMisconfigured(reason)
    if 400 <= code < 500:
        raise VendorUnavailable(reason, may_have_accepted=False, is_about_message=command != "connect" and code != 421)
    if code < 400:
        raise VendorUnavailable(f"The server answered out of turn: {reason}", may_have_accepted=False)
    if detail in LATER or (not detail and code == 552):
        return Rejected(reason, permanent=False)
    is_bounce = command == "rcpt" and (detail in NO_SUCH_ADDRESS or (not detail and code in {550, 551, 553}))
    return Rejected(reason, permanent=True, bounced=is_bounce)


def _reason(refusal: Refusal) -> str:
    return f"{refusal.code} {' '.join(refusal.text.split())}".strip()[:MAX_REASON_LENGTH]
