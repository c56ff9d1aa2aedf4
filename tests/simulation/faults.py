"""The faults of a story: at single steps of the protocol, and outages that last for some time."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from google.api_core import exceptions as google

from common.storage.firestore import translate_errors
from tests.simulation.story import Outage, Refusal, StepFault

T = TypeVar("T")
REFUSALS: dict[Refusal, google.GoogleAPICallError] = {
    "unavailable": google.ServiceUnavailable("the service is unavailable"),  # type: ignore[no-untyped-call]
    "aborted": google.Aborted("too much contention on these documents"),  # type: ignore[no-untyped-call]
    "exhausted": google.ResourceExhausted("quota exceeded"),  # type: ignore[no-untyped-call]
    "denied": google.PermissionDenied("missing or insufficient permissions"),  # type: ignore[no-untyped-call]
    "invalid": google.InvalidArgument("a field is too large"),  # type: ignore[no-untyped-call]
    "deadline": google.DeadlineExceeded("deadline exceeded"),  # type: ignore[no-untyped-call]
}


def raise_refusal(refusal: Refusal) -> None:
    """Raises Google's error as the adapter translates it."""
    with translate_errors():
        raise REFUSALS[refusal]


class Faults:
    """Which steps and which periods have faults. `now` is the simulated time, in seconds since the start."""

    def __init__(self, faults: Sequence[StepFault], outages: Sequence[Outage], now: Callable[[], float]) -> None:
        self._faults = list(faults)
        self._outages = outages
        self._now = now
        self._reached: Counter[str] = Counter()

    def at(self, step: str) -> StepFault | None:
        """The fault at this step, which is reached once more; each fault happens once."""
        self._reached[step] += 1
        for fault in self._faults:
            if fault.step == step and fault.nth == self._reached[step]:
                self._faults.remove(fault)
                return fault
        return None

    def outage(self, what: str, function: str = "") -> Outage | None:
        """The current outage of `what` for this function."""
        for outage in self._outages:
            in_time = outage.at <= self._now() < outage.at + outage.seconds
            if in_time and outage.what == what and outage.function in ("", function):
                return outage
        return None


async def run_with_fault(
    fault: StepFault | None,
    act: Callable[[], Awaitable[T]],
    *,
    die: Callable[[], None],
    half: Callable[[], Awaitable[object]] | None = None,
) -> T:
    """Runs one step with its fault, if it has one. `half` does half of the step; `die` ends the process."""
    if fault is None:
        return await act()
    match fault.kind:
        case "dies before":
            if half and fault.nth % 2:
                await half()
            die()
        case "freezes before":
            await asyncio.sleep(fault.seconds)
        case "aborted" | "exhausted" | "denied" | "unavailable" | "invalid":
            raise_refusal(fault.kind)
    try:
        result = await act()
    finally:
        if fault.kind == "freezes after":
            await asyncio.sleep(fault.seconds)
    match fault.kind:
        case "dies after":
            die()
        case "answer lost":
            raise_refusal("deadline")
        case "repeated":  # the client got no answer and sent the request again
            return await act()
    return result
