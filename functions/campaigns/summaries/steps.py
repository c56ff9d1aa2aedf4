"""What to do next after a campaign: decided by its numbers, not by Gemini."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal, get_args

from common.catalogue.failures import NO_REPORT, failure_code
from common.messages.ledger import Statistics

from .rates import RateName, StandingOut

MIN_SHARE = 0.1
"""Of the audience: with fewer people skipped for a reason, nothing is advised about it."""
MANY_FAILURES = 0.05
"""Of the attempted messages, as on the home page; with fewer than `MIN_ATTEMPTED` one failure would be many."""
MIN_ATTEMPTED = 20
WRONG_ADDRESSES = frozenset({"no_mailbox", "invalid_address"})
AT_THE_VENDOR = frozenset({NO_REPORT, "gave_up", "blocked", "rejected"})

Step = Literal[
    "wait",
    "retry",
    "decide_unknown",
    "check_addresses",
    "ask_the_vendor",
    "ask_for_consent",
    "complete_addresses",
    "write_less_often",
    "try_another_subject",
    "use_it_again",
    "nothing",
]
STEPS: Sequence[Step] = get_args(Step)


def next_steps(statistics: Statistics, standing_out: Sequence[StandingOut]) -> list[Step]:
    """The steps in order of urgency; `nothing` if there are none."""
    return [*_steps(statistics, {one.rate: one.is_higher for one in standing_out})] or ["nothing"]


def _steps(statistics: Statistics, higher: Mapping[RateName, bool]) -> Iterator[Step]:
    """`higher` has the rates that stand out."""
    if statistics.pending:
        yield "wait"
    elif statistics.retryable:
        yield "retry"
    if statistics.kinds.get("unknown"):
        yield "decide_unknown"
    yield from _about_failures(statistics, higher)
    skipped, audience = statistics.skipped_reasons, statistics.audience
    if _is_many(skipped.get("no_consent", 0) + skipped.get("unknown_consent", 0), audience):
        yield "ask_for_consent"
    if _is_many(skipped.get("no_address", 0), audience):
        yield "complete_addresses"
    if higher.get("unsubscribed") or higher.get("complained"):
        yield "write_less_often"
    elif higher.get("opened") is False:
        yield "try_another_subject"
    elif higher.get("clicked") or higher.get("opened") or higher.get("converted"):
        yield "use_it_again"


def _about_failures(statistics: Statistics, higher: Mapping[RateName, bool]) -> Iterator[Step]:
    """What the most frequent reason of the failures asks for, if there are many."""
    failed, attempted = statistics.kinds["failed"], statistics.kinds["sent"] + statistics.kinds["failed"]
    many = attempted >= MIN_ATTEMPTED and failed / attempted > MANY_FAILURES
    if higher.get("bounced"):
        yield "check_addresses"
    elif failed and (many or higher.get("failed")):
        reasons = statistics.failed_reasons
        code = failure_code(max(reasons, key=lambda reason: reasons[reason])) if reasons else "rejected"
        if code in WRONG_ADDRESSES:
            yield "check_addresses"
        elif code in AT_THE_VENDOR:
            yield "ask_the_vendor"


def _is_many(people: int, audience: int) -> bool:
    return people > 0 and people >= MIN_SHARE * audience
