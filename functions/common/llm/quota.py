"""The pause of an instance after Gemini's quota is used up."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from common.errors import Unavailable

FIRST_PAUSE = 1.0  # seconds; each further refusal doubles it
LONGEST_PAUSE = 60.0
LONGEST_WAIT = 5.0  # a longer pause is not waited for: the caller has a fallback
_SECONDS = re.compile(r"(\d{1,6}(?:\.\d{1,9})?)s")


class QuotaPause:
    """Shared by all calls of an instance, so that one refusal is enough for all of them."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._until = 0.0
        self._next = FIRST_PAUSE

    def start(self, error: Any) -> float:
        """Begins or prolongs the pause: as long as the refusal asks for, or twice the last one."""
        seconds = min(retry_delay(error) or self._next, LONGEST_PAUSE)
        self._next = min(2 * self._next, LONGEST_PAUSE)
        self._until = max(self._until, self._monotonic() + seconds)
        return seconds

    def end(self) -> None:
        """A call was answered."""
        self._next = FIRST_PAUSE

    def seconds_to_wait(self) -> float:
        """How long a call waits; 0 without a pause. Raises `Unavailable` if the pause is too long to wait for."""
        seconds = self._until - self._monotonic()
        if seconds > LONGEST_WAIT:
            raise Unavailable(f"Gemini's quota is used up (429); it is asked again in {seconds:.0f} seconds.")
        return max(seconds, 0.0)


def retry_delay(error: Any) -> float | None:
    """The seconds that Google asks to wait (`retryDelay` in the details of the error); None if it does not say."""
    details = error.details.get("error", error.details) if isinstance(getattr(error, "details", None), dict) else {}
    for detail in details.get("details") or ():
        match = _SECONDS.fullmatch(str(detail.get("retryDelay"))) if isinstance(detail, dict) else None
        if match:
            return float(match.group(1))
    return None
