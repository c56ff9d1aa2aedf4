"""What stands out in a campaign's rates, and what to do next."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from campaigns.summaries.claims import Claim, fixed_claims, print_claims, problem_with, problems_of
from campaigns.summaries.facts import build_facts
from campaigns.summaries.rates import Rate, compare, find_standing_out, rates_of
from campaigns.summaries.steps import next_steps
from common.messages.ledger import KINDS, Statistics

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def earlier(*shares: float, base: int = 1000) -> list[Rate]:
    return [Rate(round(share * base), base) for share in shares]


@pytest.mark.parametrize(
    ("rate", "others", "stands_out"),
    [
        (Rate(80, 1000), earlier(0.01, 0.01, 0.02, 0.01, 0.02), True),
        (Rate(2, 1000), earlier(0.2, 0.21, 0.19, 0.2, 0.2), True),
        (Rate(80, 1000), earlier(0.01, 0.01, 0.02, 0.01), False),  # four campaigns
        (Rate(4, 49), earlier(0.01, 0.01, 0.02, 0.01, 0.02), False),  # few messages
        (Rate(80, 1000), earlier(0.01, 0.01, 0.02, 0.01, 0.02, base=49), False),  # few messages in the others
        (Rate(19, 1000), earlier(0.01, 0.01, 0.01, 0.01, 0.01), False),  # less than a percentage point
        (Rate(4, 60), earlier(0.02, 0.02, 0.02, 0.02, 0.02), False),  # one would be usual: chance
        (Rate(300, 1000), earlier(0.1, 0.2, 0.3, 0.15, 0.35), False),  # the others differ as much
        (Rate(0, 1000), earlier(0, 0, 0, 0, 0), False),
        (Rate(20, 1000), earlier(0, 0, 0, 0, 0), True),
    ],
)
def test_rate_stands_out_if_it_is_far_from_the_others_and_not_by_chance(
    rate: Rate, others: list[Rate], stands_out: bool
) -> None:
    """Each condition alone is not enough."""
    assert bool(compare("failed", rate, others)) is stands_out


def test_usual_is_the_median_and_the_distance_decides_the_order() -> None:
    """One odd campaign does not move what is usual. The largest distance is told first."""
    odd = compare("failed", Rate(200, 1000), earlier(0.01, 0.02, 0.02, 0.03, 0.9))
    assert odd is not None
    assert (odd.usual, odd.share, odd.is_higher, odd.campaigns) == (0.02, 0.2, True, 5)
    usual = rates_of(statistics(audience=1000, sent=990, failed=10, opened=200))
    found = find_standing_out(
        rates_of(statistics(audience=1000, sent=800, failed=200, opened=720)), [usual] * 5, may_be_lower=False
    )
    assert [one.rate for one in found] == ["opened", "failed"]


def test_late_rates_are_not_called_low_at_once() -> None:
    """People open a message for a day."""
    usual = rates_of(statistics(audience=1000, sent=1000, opened=400))
    fresh = rates_of(statistics(audience=1000, sent=1000, opened=20))
    assert find_standing_out(fresh, [usual] * 5, may_be_lower=False) == []
    [low] = find_standing_out(fresh, [usual] * 5, may_be_lower=True)
    assert (low.rate, low.is_higher) == ("opened", False)
    assert "try_another_subject" in next_steps(statistics(audience=1000, sent=1000, opened=20), [low])


def statistics(
    audience: int = 100,
    *,
    reasons: dict[str, int] | None = None,
    skip_reasons: dict[str, int] | None = None,
    retryable: int = 0,
    **kinds: int,
) -> Statistics:
    return Statistics(
        audience=audience,
        audience_complete=True,
        kinds=dict.fromkeys(KINDS, 0) | kinds,
        retryable=retryable,
        failed_reasons=reasons or {},
        skipped_reasons=skip_reasons or {},
    )


@pytest.mark.parametrize(
    ("numbers", "steps"),
    [
        (statistics(sent=100), ["nothing"]),
        (statistics(sent=90), ["wait"]),
        (statistics(sent=97, failed=3, retryable=2), ["retry"]),
        (statistics(sent=98, failed=1, retryable=1), ["wait"]),
        (statistics(sent=98, unknown=2), ["decide_unknown"]),
        (statistics(sent=80, failed=20, reasons={"no such mailbox": 15, "policy": 5}), ["check_addresses"]),
        (statistics(sent=80, failed=20, reasons={"blocked": 20}), ["ask_the_vendor"]),
        (statistics(sent=80, failed=20, reasons={"mailbox full": 20}), []),
        (statistics(sent=97, failed=3, reasons={"no such mailbox": 3}), []),
        (statistics(sent=70, skipped=30, skip_reasons={"no_consent": 30}), ["ask_for_consent"]),
    ],
)
def test_next_step_follows_from_the_numbers(numbers: Statistics, steps: list[str]) -> None:
    """The most urgent first; nothing is advised that the numbers do not support."""
    assert next_steps(numbers, []) == (steps or ["nothing"])


@pytest.mark.parametrize("language", ["en", "hi"])
def test_fixed_words_pass_their_own_check(language: str) -> None:
    """So a text that says the same in other words can pass, too."""
    numbers = statistics(audience=120_000, sent=110_000, failed=9_999, opened=50, reasons={"mailbox full": 9_999})
    facts = build_facts("Diwali 2026: 50% off", numbers, [], language)  # type: ignore[arg-type]
    claims = fixed_claims(facts)
    assert problem_with(claims, facts) is None
    text = print_claims(claims, facts)
    assert ("1,20,000" if language == "hi" else "120,000 people in the audience") in text
    assert "8.3%" in text


TOLD = statistics(audience=4_000, sent=3_800, failed=200, opened=50, retryable=200)
GOOD_CLAIMS = (
    ("outcome", "Here is the outcome of ⟦campaign⟧: ⟦audience⟧, ⟦sent⟧ and ⟦failed⟧."),
    ("next", "So the next step: ⟦do_retry⟧."),
    ("next", "You could now ⟦do_retry⟧."),
    ("next", "अब यह करें: ⟦do_retry⟧।"),
)
TURNED_CLAIMS = (
    ("next", "You shouldn't ⟦do_retry⟧."),
    ("next", "You should avoid this: ⟦do_retry⟧."),
    ("next", "It is a mistake to ⟦do_retry⟧."),
    ("next", "Do the opposite of this: ⟦do_retry⟧."),
    ("next", "Fire the agency and then ⟦do_retry⟧."),
    ("outcome", "It is false that ⟦sent⟧."),
    ("outcome", "⟦audience⟧ bought after ⟦campaign⟧, thanks to ⟦sent⟧."),
    ("outcome", "⟦campaign⟧ was a disaster: ⟦audience⟧ and ⟦sent⟧ unsubscribed."),
    ("outcome", "Hardly any of ⟦audience⟧ got ⟦sent⟧."),
    ("outcome", "⟦audience⟧ ने खरीदा: ⟦sent⟧।"),
    ("next", "⟦do_retry⟧ करना गलत है।"),
)


def word_problems(topic: str, text: str) -> list[str]:
    """What is wrong with the prose of a claim; slots may be missing in it."""
    facts = build_facts("Diwali", TOLD, [], "en")
    return list(problems_of(Claim(topic=topic, text=text), facts.slots))


@pytest.mark.parametrize(("topic", "text"), GOOD_CLAIMS)
def test_words_that_connect_slots_are_printed(topic: str, text: str) -> None:
    """So Gemini can word a summary."""
    assert word_problems(topic, text) == []


@pytest.mark.parametrize(("topic", "text"), TURNED_CLAIMS)
def test_no_prose_turns_a_fact_round_or_adds_one(topic: str, text: str) -> None:
    """Prose has the words of a closed list only."""
    assert word_problems(topic, text) != []
