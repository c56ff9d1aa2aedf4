"""How long a campaign takes in the cloud: `python -m benchmarks.capacity` prints the table of docs/deploy.md.

A simulation, second by second, of the limits that a campaign meets: Firestore takes 500 writes a second in a collection
that has been quiet, and half as many again every five minutes; Pub/Sub has at most 3,000 pushes of a subscription under
way; a function has so many instances, each of which holds so many messages; Gemini takes so many calls a minute.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from rich import box
from rich.console import Console
from rich.table import Table

from benchmarks.message_costs import Measured
from benchmarks.service import Service, services
from personalization.personalizer import MOST_PEOPLE

SIZES = (10_000, 100_000, 1_000_000)
RAMP_START, RAMP_GROWTH, RAMP_SECONDS = 500.0, 1.5, 300.0
FIRST_WINDOW, WINDOW = 4.0, 3_000.0  # it doubles with each second in which all pushes succeed
PUSHED = {"personalize": "recipients", "deliver": "deliveries"}  # one push for each message
WRITES = {"deliver", "record"}  # a document for each message: its claim, its receipt
A_DAY = 24 * 3600


@dataclass(frozen=True, kw_only=True)
class Scenario:
    title: str
    gemini_calls: int | None = None  # a minute; None where texts are filled in from the template
    warm: bool = False  # another campaign of the kind has just ended


@dataclass
class Stage:
    """One function, and what waits for it."""

    name: str
    service: Service
    scenario: Scenario
    waiting: float = 0.0
    window: float = FIRST_WINDOW
    since: int | None = None  # the second of the first message
    held_up: Counter[str] = field(default_factory=Counter)

    def work(self, second: int) -> float:
        """How many messages it passes on in this second."""
        if not self.waiting:
            return 0.0
        self.since = second if self.since is None else self.since
        limits = dict(self._limits(second - self.since))
        narrowest = min(limits, key=lambda name: limits[name])
        done = min(self.waiting, limits[narrowest])
        if done < self.waiting:
            self.held_up[narrowest] += 1
        self.waiting -= done
        self.window = min(WINDOW, 2 * self.window)
        return done

    def _limits(self, seconds: int) -> Iterator[tuple[str, float]]:
        yield f"instances of {self.name}", self.service.rate
        if self.name in PUSHED:
            yield "the push window", self.window / max(self.service.wait, self.service.cpu)
        if self.name in WRITES and not self.scenario.warm:
            yield "Firestore's ramp", RAMP_START * RAMP_GROWTH ** (seconds // RAMP_SECONDS)
        if self.name == "personalize" and self.scenario.gemini_calls:
            yield "Gemini's quota", self.scenario.gemini_calls * MOST_PEOPLE / 60


def stages(scenario: Scenario, measured: Measured) -> list[Stage]:
    found = [Stage(name, service, scenario) for name, service in services(measured).items()]
    if scenario.gemini_calls is None:
        filled_in = next(stage for stage in found if stage.name == "personalize")
        filled_in.service = Service(**{**vars(filled_in.service), "wait": 0.1})
    return found


def run(messages: int, scenario: Scenario, measured: Measured) -> tuple[int, str]:
    """Seconds until the last receipt is counted, and what held it up most."""
    path, counted = stages(scenario, measured), 0.0
    path[0].waiting = messages
    for second in range(A_DAY * 365):
        counted += _step(path, second)
        if counted > messages - 0.5:
            return second + 1, _narrowest(path)
    raise AssertionError("a campaign comes to an end within a year")


def _step(path: Sequence[Stage], second: int) -> float:
    """What a stage passes on is there for the next one a second later."""
    done = [stage.work(second) for stage in path]
    for stage, arrived in zip(path[1:], done, strict=False):
        stage.waiting += arrived
    return done[-1]


def _narrowest(path: Sequence[Stage]) -> str:
    """The limit at which messages waited for the longest time."""
    held_up: Counter[str] = sum((stage.held_up for stage in path), Counter())
    return held_up.most_common(1)[0][0] if held_up else "nothing"


SCENARIOS = (
    Scenario(title="from the template, quiet database"),
    Scenario(title="from the template, after another campaign", warm=True),
    Scenario(title="Gemini, 6,000 calls a minute", gemini_calls=6_000),
    Scenario(title="Gemini, 1,000 calls a minute", gemini_calls=1_000),
    Scenario(title="Gemini, 300 calls a minute", gemini_calls=300),
)


def table(measured: Measured) -> Table:
    found = Table("texts", *(f"{size:,}" for size in SIZES), "held up by", box=box.MARKDOWN)
    for scenario in SCENARIOS:
        runs = [run(size, scenario, measured) for size in SIZES]
        found.add_row(scenario.title, *(_duration(seconds) for seconds, _ in runs), runs[-1][1])
    return found


def _duration(seconds: int) -> str:
    if seconds < 60:
        return f"{seconds} s"
    return f"{seconds / 60:.0f} min" if seconds < 2 * 3600 else f"{seconds / 3600:.1f} h"


def main() -> None:
    Console(width=120).print(table(Measured.read()))


if __name__ == "__main__":
    main()
