"""The shortest story that still violates the same rule."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import fields, replace

from tests.simulation.story import Habits, Story
from tests.simulation.world import RunResult, run_story

ORDERS = 4
"""Each shorter story is tried in this many orders of its tasks: with something left out, all that follows changes."""
MAX_RUNS = 400


def shrink(result: RunResult, run: Callable[[Story], RunResult] = run_story, max_runs: int = MAX_RUNS) -> RunResult:
    """The run of the shortest story that violates the first rule of this one; `run` runs a story."""
    rule = result.rules[0]
    runs = 0
    progress = True
    while progress:
        progress = False
        for candidate in shorter(result.story):
            for order in _orders(candidate):
                runs += 1
                attempt = run(order)
                if rule in attempt.rules:
                    result, progress = attempt, True
                    break
            if progress or runs >= max_runs:
                break
        if runs >= max_runs:
            break
    return result


def _orders(story: Story) -> Iterator[Story]:
    yield story
    yield from (replace(story, seed=seed) for seed in range(1, ORDERS))


def shorter(story: Story) -> Iterator[Story]:
    """Stories with one thing less, the largest things first."""
    if len(story.acts) > 1:
        for number, act in enumerate(story.acts):
            if act.deed != "launch" or sum(other.deed == "launch" for other in story.acts) > 1:
                yield replace(story, acts=story.acts[:number] + story.acts[number + 1 :])
    for number in range(len(story.outages)):
        yield replace(story, outages=story.outages[:number] + story.outages[number + 1 :])
    for number in range(len(story.faults)):
        yield replace(story, faults=story.faults[:number] + story.faults[number + 1 :])
    yield from _plainer(story)


def _plainer(story: Story) -> Iterator[Story]:
    """Fewer people, and one habit less."""
    for people in (1, 2):
        if people < story.people:
            yield replace(story, people=people)
    if story.per_minute:
        yield replace(story, per_minute=None)
    if story.page_size != 500:
        yield replace(story, page_size=500)
    usual = Habits()
    for setting in fields(Habits):
        value = getattr(usual, setting.name)
        if getattr(story.habits, setting.name) != value:
            yield replace(story, habits=replace(story.habits, **{setting.name: value}))
