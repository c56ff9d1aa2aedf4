"""What a mail server's refusal means: by its enhanced status code (RFC 3463), its reply code (RFC 5321), and its words.

When in doubt, nobody is suppressed: an address bounces only if the server says that this address is at fault.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from ...vendor import Rejected, VendorMisconfigured, VendorUnavailable

Command = Literal["connect", "mail", "rcpt", "data"]
"""What the server was asked when it refused."""
ENHANCED = re.compile(r"(?<![\d.])[45]\.(\d{1,3}\.\d{1,3})(?![\d.])")
NO_SUCH_ADDRESS = frozenset({"1.0", "1.1", "1.2", "1.3", "1.6", "1.9", "1.10", "2.1"})
"""The mailbox or its domain does not exist, has moved, takes no mail, or is disabled."""
NO_SUCH_ADDRESS_WORDS = re.compile(
    r"(no such|unknown|unrouteable|invalid|non-?existent|undeliverable) (user|address|recipient|mailbox|account)"
    r"|(user|recipient|mailbox|account|address) (is |was )?(unknown|not found|does not exist|disabled)",
    re.IGNORECASE,
)
FULL = frozenset({"2.2", "3.1"})
"""The mailbox or the server is full."""
SENT_TOO_MUCH = "4.5"
SENT_TOO_MUCH_WORDS = re.compile(
    r"daily|sending (limit|quota)|message quota|throttl|rate (limit|exceeded)"
    r"|too many (messages|mails|emails|connections)",
    re.IGNORECASE,
)
OUR_FAULT = frozenset({"1.7", "1.8", "7.0", "7.8", "7.9", "7.11"})
"""The sender's address or the log-in is not accepted."""
OUR_FAULT_WORDS = re.compile(
    r"relay|sender address rejected|not owned by|authenticat|log ?in|rcpthosts|administrative prohibition|client host",
    re.IGNORECASE,
)
LOG_IN = frozenset({530, 534, 535, 538})
MAX_REASON_LENGTH = 500


@dataclass(frozen=True, slots=True)
class Refusal:
    """A server's negative answer: its code and its text, which may have an enhanced code."""

    code: int
    text: str

    @property
    def is_definite(self) -> bool:
        """Whether it surely refuses. Any other answer than 4xx and 5xx is none that a server may give."""
        return 400 <= self.code < 600

    @property
    def detail(self) -> str:
        """The last two numbers of the enhanced code, such as `1.1`; empty if there is none."""
        found = ENHANCED.search(self.text)
        return found[1] if found else ""

    @property
    def reason(self) -> str:
        """The code and the text, without letters that cannot be stored."""
        text = " ".join(self.text.encode(errors="replace").decode().split())
        return f"{self.code} {text}".strip()[:MAX_REASON_LENGTH]


def outcome_of(refusal: Refusal, command: Command) -> Rejected:
    """What a definite refusal means for the message.

    Raises `VendorMisconfigured` if the settings are at fault, and `VendorUnavailable` if the server asks for a later
    try. After a refusal the server surely does not have the message.
    """
    if _is_our_fault(refusal, command):
        raise VendorMisconfigured(refusal.reason)
    too_much = refusal.detail == SENT_TOO_MUCH or bool(SENT_TOO_MUCH_WORDS.search(refusal.text))
    if refusal.code < 500 or too_much:
        is_about_message = command in {"rcpt", "data"} and refusal.code != 421 and not too_much
        raise VendorUnavailable(refusal.reason, may_have_accepted=False, is_about_message=is_about_message)
    if refusal.detail in FULL or (not refusal.detail and refusal.code == 552):
        return Rejected(refusal.reason, permanent=False)
    return Rejected(refusal.reason, permanent=True, bounced=command == "rcpt" and _is_bounce(refusal))


def _is_our_fault(refusal: Refusal, command: Command) -> bool:
    """Whether the server accepts no message of ours. What it says of a text is about the message."""
    if refusal.code in LOG_IN:
        return True
    if refusal.code < 500 or command == "data":
        return False
    if command in {"connect", "mail"}:
        return True
    return refusal.detail in OUR_FAULT or (not _is_bounce(refusal) and bool(OUR_FAULT_WORDS.search(refusal.text)))


def _is_bounce(refusal: Refusal) -> bool:
    if refusal.detail:
        return refusal.detail in NO_SUCH_ADDRESS
    return bool(NO_SUCH_ADDRESS_WORDS.search(refusal.text))
