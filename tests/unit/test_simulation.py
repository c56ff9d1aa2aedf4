"""The simulation repeats its runs exactly, finds faults in the protocol, and finds none in Herald."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from tests.simulation.checks import Violation
from tests.simulation.loop import Deadlock, run_simulated
from tests.simulation.shrink import shorter, shrink
from tests.simulation.story import (
    STEPS,
    Act,
    FaultKind,
    Habits,
    Outage,
    StepFault,
    Story,
    random_story,
    step_story,
)
from tests.simulation.world import RunResult, run_story

SEEDS = range(1, 33)
LAUNCH = Act(at=0, deed="launch")
STEP_FAULTS: tuple[FaultKind, ...] = ("dies before", "dies after", "answer lost")


@pytest.mark.parametrize("seed", SEEDS)
def test_random_story_violates_no_rule(seed: int) -> None:
    """Whatever happens in the story, people are messaged once and all numbers are true."""
    result = run_story(random_story(seed))
    assert [str(violation) for violation in result.violations] == []


@pytest.mark.parametrize("kind", STEP_FAULTS)
@pytest.mark.parametrize("step", STEPS)
def test_campaign_with_a_fault_at_any_step_violates_no_rule(step: str, kind: FaultKind) -> None:
    """Whichever step a process dies at, or gets no answer of, the result is the same, and no watchdog is needed."""
    result = run_story(step_story(step, kind))
    assert [str(violation) for violation in result.violations] == []


def test_campaign_without_faults_sends_to_everyone() -> None:
    """The simulation runs whole campaigns: everyone is messaged, and the campaign finishes at a tick."""
    result = run_story(Story(seed=1, people=5, acts=(LAUNCH,), habits=Habits(failing=0)))
    assert (result.violations, result.sent) == ([], 5)
    assert result.seconds < 200


def test_same_story_runs_the_same_way() -> None:
    """One seed gives one run, to the last step; another order of the tasks gives another."""
    story = Story(seed=4, people=3, acts=(LAUNCH,), faults=(StepFault(step="claim", nth=1, kind="dies after"),))
    runs = [run_story(story).trace for _ in range(2)]
    assert repr(runs[0]) == repr(runs[1])
    assert [step[:3] for step in run_story(replace(story, seed=5)).trace] != [step[:3] for step in runs[0]]


def test_simulated_time_passes_at_once() -> None:
    """A day of waiting takes no time, and a task that nobody can wake is an error."""

    async def wait() -> float:
        await asyncio.sleep(86_400)
        return asyncio.get_running_loop().time()

    async def wait_for_ever() -> None:
        await asyncio.get_running_loop().create_future()

    assert run_simulated(wait(), seed="1") == 86_400
    with pytest.raises(Deadlock):
        run_simulated(wait_for_ever(), seed="1")


def test_shrink_leaves_only_what_is_needed() -> None:
    """Of a long story, the part remains that violates the rule."""
    killing = Act(at=3, deed="kill", function="deliver")
    outage = Outage(at=1, seconds=5, what="callbacks")
    story = Story(seed=9, people=8, acts=(LAUNCH, Act(at=2, deed="pause"), killing), outages=(outage,))

    def run(candidate: Story) -> RunResult:
        return _fake_result(candidate, is_bad=killing in candidate.acts)

    shortest = shrink(_fake_result(story, is_bad=True), run).story
    assert (shortest.acts, shortest.outages, shortest.people) == ((LAUNCH, killing), (), 1)


def test_shorter_stories_keep_a_launch() -> None:
    """A story without a launch says nothing."""
    story = Story(seed=1, acts=(LAUNCH, replace(LAUNCH, campaign="d"), Act(at=1, deed="cancel")))
    assert all(any(act.deed == "launch" for act in candidate.acts) for candidate in shorter(story))


def _fake_result(story: Story, *, is_bad: bool) -> RunResult:
    violations = [Violation(rule="reached twice", subject="m", detail="", at=0)] if is_bad else []
    return RunResult(story=story, violations=violations, subjects=frozenset(), trace=(), seconds=0, sent=0)
