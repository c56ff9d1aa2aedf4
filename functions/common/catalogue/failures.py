"""Why messages fail: one record for each cause that the site can explain in the reader's language.

Vendors give reasons in their own words. A cause is found by what the words contain; what matches no record is
`rejected`, and the site then shows the vendor's words.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

MAX_REASON_LENGTH = 100
NO_REPORT = "no_report"


@dataclass(frozen=True, slots=True)
class FailureRecord:
    """A cause, for programs, and the words by which it is recognized, in any case."""

    code: str
    pattern: str


FAILURES = (
    FailureRecord(NO_REPORT, r"no report from the vendor"),
    FailureRecord("gave_up", r"^given up after"),
    FailureRecord("mailbox_full", r"full|over quota|insufficient storage|[45]\.2\.2"),
    FailureRecord("no_mailbox", r"not exist|no such (user|mailbox|recipient)|user unknown|unknown user|5\.1\.1"),
    FailureRecord("invalid_address", r"invalid (address|number|recipient)|not a valid|malformed"),
    FailureRecord("blocked", r"spam|blocked|black ?list|denied|policy|5\.7\."),
    FailureRecord("too_large", r"too (large|long|big)|5\.3\.4"),
)
REJECTED = "rejected"
AFTER_SENDING = " after it may have been sent"
"""The end of the reason of a message that is unknown because its recipient was suppressed or erased in between."""
FAILURE_CODES = (*(record.code for record in FAILURES), REJECTED)


def failure_code(reason: str | None) -> str:
    """The cause that the vendor's reason speaks of."""
    text = (reason or "").lower()
    return next((record.code for record in FAILURES if re.search(record.pattern, text)), REJECTED)


def unknown_code(reason: str | None) -> str:
    """Why nobody can ask the vendor about a message: the skip reason that applies by now, or `no_report`."""
    text = reason or ""
    return text.removesuffix(AFTER_SENDING) if text.endswith(AFTER_SENDING) else NO_REPORT


def reason_group(reason: str | None) -> str:
    """The reason without what differs from person to person, so that equal failures can be counted together."""
    text = re.sub(r"\S+@\S+", "…", reason or "")
    text = re.sub(r"\S*\d{4,}\S*", "…", text)
    return " ".join(text.split())[:MAX_REASON_LENGTH] or REJECTED
