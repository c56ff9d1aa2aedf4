"""How long a campaign takes in the cloud: `python -m benchmarks.capacity` prints the table of docs/deploy.md.

It simulates, second by second, the limits of a campaign: Firestore accepts 500 writes per second in a collection that
was idle, and 50 % more every five minutes; Pub/Sub has at most 3,000 outstanding pushes per subscription; a function
has a maximum number of instances and of messages per instance; Gemini has a quota of calls per minute.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from rich import box
from rich.console import Console
from rich.table import Table

from benchmarks.function_profiles import FunctionProfile, function_profiles
from benchmarks.message_costs import MessageCosts
from common.writing.writer import MAX_RECIPIENTS_PER_CALL

SIZES = (10_000, 100_000, 1_000_000)
RAMP_START, RAMP_GROWTH, RAMP_SECONDS = 500.0, 1.5, 300.0
FIRST_WINDOW, WINDOW = 4.0, 3_000.0  # messages; doubles with each second in which all pushes succeed
PUSH_SUBSCRIPTIONS = {"personalize": "recipients", "deliver": "deliveries"}  # one push per message
WRITING_FUNCTIONS = {"deliver", "record"}  # one document per message: the claim, the receipt
SECONDS_PER_DAY = 24 * 3600


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """The conditions of a simulated campaign."""

    title: str
    size: str = "small"  # of the deployment (terraform/topology.json)
    gemini_calls: int | None = None  # per minute; None if the messages come from the template


@dataclass
class Stage:
    """One function and its queue of messages."""

    name: str
    profile: FunctionProfile
    scenario: Scenario
    queued: float = 0.0
    window: float = FIRST_WINDOW
    started_at: int | None = None  # the second of the first message
    limited_by: Counter[str] = field(default_factory=Counter)

    def work(self, second: int) -> float:
        """Return how many messages are processed in this second."""
        if not self.queued:
            return 0.0
        self.started_at = second if self.started_at is None else self.started_at
        limits = dict(self._limits(second - self.started_at))
        tightest = min(limits, key=lambda name: limits[name])
        passed = min(self.queued, limits[tightest])
        if passed < self.queued:
            self.limited_by[tightest] += 1
        self.queued -= passed
        self.window = min(WINDOW, 2 * self.window)
        return passed

    def _limits(self, seconds: int) -> Iterator[tuple[str, float]]:
        yield f"instances of {self.name}", self.profile.rate
        if self.name in PUSH_SUBSCRIPTIONS:
            yield "the push window", self.window / max(self.profile.wait, self.profile.cpu)
        if self.name in WRITING_FUNCTIONS:
            yield "Firestore's ramp", RAMP_START * RAMP_GROWTH ** (seconds // RAMP_SECONDS)
        if self.name == "personalize" and self.scenario.gemini_calls:
            yield "Gemini's quota", self.scenario.gemini_calls * MAX_RECIPIENTS_PER_CALL / 60


def stages(scenario: Scenario, costs: MessageCosts) -> list[Stage]:
    pipeline = [Stage(name, profile, scenario) for name, profile in function_profiles(costs, scenario.size).items()]
    if scenario.gemini_calls is None:
        personalize = next(stage for stage in pipeline if stage.name == "personalize")
        personalize.profile = FunctionProfile(**{**vars(personalize.profile), "wait": 0.1})
    return pipeline


def run(messages: int, scenario: Scenario, costs: MessageCosts) -> tuple[int, str]:
    """Return the seconds until the last receipt is counted, and the limit that applied for the longest time."""
    pipeline, counted = stages(scenario, costs), 0.0
    pipeline[0].queued = messages
    for second in range(SECONDS_PER_DAY * 365):
        counted += _step(pipeline, second)
        if counted > messages - 0.5:
            return second + 1, _tightest_limit(pipeline)
    raise AssertionError("a campaign ends within a year")


def _step(pipeline: Sequence[Stage], second: int) -> float:
    """Advance all stages by one second. The output of a stage reaches the next stage one second later."""
    passed = [stage.work(second) for stage in pipeline]
    for stage, arrived in zip(pipeline[1:], passed, strict=False):
        stage.queued += arrived
    return passed[-1]


def _tightest_limit(pipeline: Sequence[Stage]) -> str:
    """Return the limit at which messages waited for the longest time."""
    limited_by: Counter[str] = sum((stage.limited_by for stage in pipeline), Counter())
    return limited_by.most_common(1)[0][0] if limited_by else "nothing"


SCENARIOS = (
    Scenario(title="small, from the template"),
    Scenario(title="large, from the template", size="large"),
    Scenario(title="small, Gemini with 1,000 calls a minute", gemini_calls=1_000),
    Scenario(title="medium, Gemini with 6,000 calls a minute", size="medium", gemini_calls=6_000),
    Scenario(title="any, Gemini with 300 calls a minute", gemini_calls=300),
)


def table(costs: MessageCosts) -> Table:
    result = Table("size and texts", *(f"{size:,}" for size in SIZES), "limited by", box=box.MARKDOWN)
    for scenario in SCENARIOS:
        runs = [run(size, scenario, costs) for size in SIZES]
        result.add_row(scenario.title, *(_duration(seconds) for seconds, _ in runs), runs[-1][1])
    return result


def _duration(seconds: int) -> str:
    if seconds < 60:
        return f"{seconds} s"
    return f"{seconds / 60:.0f} min" if seconds < 2 * 3600 else f"{seconds / 3600:.1f} h"


def main() -> None:
    Console(width=120).print(table(MessageCosts.read()))


if __name__ == "__main__":
    main()
