"""What Twilio's error codes mean: https://www.twilio.com/docs/api/errors

The answer to a request has a code, and so has the report on a message that failed later. When in doubt, nobody is
suppressed, and the failure can be retried.
"""

from __future__ import annotations

from typing import Literal

Cause = Literal["address", "opted_out", "message", "busy", "settings", "other"]
"""What is at fault: `busy` is Twilio or a network that takes no more at the moment."""
CODES: dict[Cause, frozenset[int]] = {
    # not a number, no mobile number, switched off for good, not on WhatsApp
    "address": frozenset({21211, 21214, 21217, 21614, 30005, 30006, 63003, 63024}),
    "opted_out": frozenset({21610}),
    # no text, too long, no route to this number, refused by a filter, no approved template on WhatsApp
    "message": frozenset({21602, 21605, 21612, 21617, 21619, 30007, 63016}),
    "busy": frozenset({14107, 20429, 21611, 30001, 63017, 63018}),
    # the log-in, the account, the sender, the address of the callbacks
    "settings": frozenset(
        {
            *(20003, 20005, 20008, 20404, 21212, 21603, 21606, 21607, 21609, 21621, 21659, 21660, 21661, 21701),
            *(21703, 21704, 21705, 30002, 30034, 63007, 63020),
        }
    ),
}


def cause_of(code: int | None) -> Cause:
    return next((cause for cause, codes in CODES.items() if code in codes), "other")
