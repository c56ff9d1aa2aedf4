"""A story: people, what managers and customers do, and the faults. Random from a seed, or written by hand."""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace
from typing import Any, Literal

Refusal = Literal["unavailable", "aborted", "exhausted", "denied", "invalid", "deadline"]
FaultKind = Literal[
    "dies before", "dies after", "answer lost", "repeated", "freezes before", "freezes after",
    "aborted", "exhausted", "denied", "unavailable", "invalid",
]  # fmt: skip
Deed = Literal[
    "launch", "pause", "resume", "cancel", "retry", "suppress", "erase", "withdraw consent", "change", "order", "kill",
    "foreign receipt", "malformed event", "import",
]  # fmt: skip
DAY = 86_400.0
PERSON_DEEDS = ("suppress", "erase", "withdraw consent", "change", "order")


@dataclass(frozen=True, kw_only=True)
class Act:
    """Something that a person or the operator does, at a time in seconds.

    With `once_finished`, it waits until its campaign has finished; what follows in that campaign is delayed by as much.
    """

    at: float
    deed: Deed
    campaign: str = "c"
    person: int = 0  # a number of a person
    by: str = "m1"  # a manager
    function: str = ""  # whose instance is killed
    topic: str = "deliveries"  # of a malformed event
    delay: float = 0.0  # seconds between the launch and the start that is scheduled
    once_finished: bool = False

    def __str__(self) -> str:
        what: dict[str, str] = {
            "kill": f"an instance of {self.function} is killed",
            "malformed event": f"a malformed event is published to {self.topic}",
            "import": "everyone is imported in the background, with another name",
            "foreign receipt": f"the vendor reports on someone who is not in the audience of {self.campaign}",
        }
        when = f", once {self.campaign} has finished" if self.once_finished else ""
        if self.deed in PERSON_DEEDS:
            return f"person {self.person}: {self.deed}{when}"
        start = f", to start {self.delay:g} s later" if self.delay else ""
        return what.get(self.deed, f"{self.by}: {self.deed} {self.campaign}{start}{when}")


@dataclass(frozen=True, kw_only=True)
class StepFault:
    """A fault at the `nth` time that any process reaches a step of the protocol."""

    step: str  # a name of tests/crash_points.py: "claim", "record", "publish recipients", "send", …
    nth: int
    kind: FaultKind
    seconds: float = 0  # how long it is frozen

    def __str__(self) -> str:
        return f"{self.kind} `{self.step}` number {self.nth}" + (f", {self.seconds:g} s" if self.seconds else "")


@dataclass(frozen=True, kw_only=True)
class Outage:
    """Something does not work for some time."""

    at: float
    seconds: float
    what: Literal["function", "database", "pubsub", "deliveries", "vendor", "callbacks"]
    function: str = ""  # which function is affected, or whose connection; empty: all
    kind: str = "unavailable"  # a refusal of the database; the vendor's mode

    def __str__(self) -> str:
        return f"{self.what} {self.function} {self.kind} for {self.seconds:g} s"


@dataclass(frozen=True, kw_only=True)
class Habits:
    """How the parts behave all the time."""

    slow: float = 0.02  # seconds; the median of the time that an operation takes
    copies: float = 0.0  # the share of messages that are delivered twice
    copies_late: float = 1.0  # seconds that a copy may be late
    skew: float = 0.0  # seconds that the clocks of processes differ
    watchdog: bool = True
    push_attempts: bool = False  # functions write dead letters themselves
    final_answers: bool = False  # the vendor answers with the outcome; otherwise it reports it later
    report_seconds: float = 60.0  # how late a report may be
    reports_twice: float = 0.0
    reports_contradict: float = 0.0
    reports_lost: float = 0.0
    failing: float = 0.3  # the share of messages that the vendor says have failed
    memory: float = DAY  # seconds that the vendor remembers a key, and says so; with 0 it has no memory


@dataclass(frozen=True, kw_only=True)
class Story:
    """Everything that happens in one run. `seed` decides the order in which tasks run."""

    seed: int
    people: int = 3
    page_size: int = 2
    per_minute: int | None = None
    habits: Habits = field(default_factory=Habits)
    acts: tuple[Act, ...] = ()
    faults: tuple[StepFault, ...] = ()
    outages: tuple[Outage, ...] = ()

    def __str__(self) -> str:
        settings = {name: value for name, value in vars(self.habits).items() if value != vars(Habits())[name]}
        rate = f", {self.per_minute} a minute" if self.per_minute else ""
        habits = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in settings.items())
        lines = [f"{self.people} people, pages of {self.page_size}{rate}; {habits or 'nothing unusual'}"]
        timed = [(act.at, str(act)) for act in self.acts] + [(outage.at, str(outage)) for outage in self.outages]
        lines += [f"at {at:7.1f} s  {text}" for at, text in sorted(timed)]
        return "\n".join([*lines, *(f"             {fault}" for fault in self.faults)])


STEPS = (
    "write the audience plan", "set the audience plan", "plan a page", "finish a page", "publish recipients",
    "publish deliveries", "publish receipts", "claim", "renew or end a claim", "send", "record", "defer", "requeue",
    "delete deferred messages", "publish fan-outs", "clear commands_pending", "start a shard of a retry",
    "finish a shard of a retry", "finish a retry", "finish", "record progress", "pause", "resume", "cancel", "retry",
    "launch", "publish dead-letters", "open attempts",
)  # fmt: skip
READS = ("plan", "fan_out", "check", "retry", "tick", "recipient", "delivery", "receipts", "dead letter")
"""What is being handled while something is read."""
TOPICS = ("fan-outs", "recipients", "deliveries", "receipts", "ticks", "ingest")
FUNCTIONS = ("campaigns", "fan_out", "tick", "personalize", "deliver", "record", "dead_letter")
LATE_REPORT_SECONDS = 100_000
"""More than a day: the vendor reports on messages that were given up."""
VENDOR_MODES = ("down", "late", "slow", "throttled")


def random_story(seed: int) -> Story:
    """The story of a seed. Its parts are chosen one after the other, so that many seeds have few of them."""
    dice = random.Random(f"story {seed}")
    habits = _random_habits(dice)
    story = Story(
        seed=seed,
        people=dice.choice((1, 2, 3, 5, 8)),
        page_size=dice.choice((1, 2, 500)),
        per_minute=dice.choice((None, None, None, None, 6, 60)),
        habits=habits,
        acts=_random_acts(dice),
        faults=_random_faults(dice),
        outages=_random_outages(dice),
    )
    story = _with_rare_things(story, random.Random(f"rare {seed}"))
    return story if habits.watchdog else _without_loss(story)


def _with_rare_things(story: Story, dice: random.Random) -> Story:
    """In some stories there is also an import, a scheduled start, a malformed event, a write that is refused as
    invalid, or a vendor that reports a day later."""
    acts, faults, habits = list(story.acts), list(story.faults), story.habits
    if dice.random() < 0.15:
        acts.append(Act(at=_moment(dice), deed="import"))
    if dice.random() < 0.15:
        acts.append(Act(at=_moment(dice), deed="malformed event", topic=dice.choice(TOPICS)))
    if dice.random() < 0.1:
        launch = next(act for act in acts if act.deed == "launch")
        acts[acts.index(launch)] = replace(launch, delay=dice.choice((5, 90, 900)))
    if dice.random() < 0.1:
        faults.append(StepFault(step=dice.choice(STEPS), nth=dice.choice((1, 2, 5)), kind="invalid"))
    if dice.random() < 0.05:
        habits = replace(habits, report_seconds=LATE_REPORT_SECONDS)
    return replace(story, acts=tuple(sorted(acts, key=lambda act: act.at)), faults=tuple(faults), habits=habits)


def _random_habits(dice: random.Random) -> Habits:
    return Habits(
        slow=dice.choice((0.002, 0.02, 0.02, 0.5)),
        copies=dice.choice((0, 0, 0.1, 0.5)),
        copies_late=dice.choice((1, 30, 300, 1200)),
        skew=dice.choice((0, 0, 1, 5)),
        watchdog=dice.random() < 0.6,
        push_attempts=dice.random() < 0.5,
        final_answers=dice.random() < 0.3,
        report_seconds=dice.choice((1, 60, 400, 3600)),
        reports_twice=dice.choice((0, 0.3)),
        reports_contradict=dice.choice((0, 0, 0.3)),
        reports_lost=dice.choice((0, 0, 0, 0.2, 1.0)),
        failing=dice.choice((0, 0.3, 0.7)),
        memory=0.0 if dice.random() < 0.1 else DAY,
    )


def _random_acts(dice: random.Random) -> tuple[Act, ...]:
    """The launch, and what managers, customers and the operator do."""
    campaigns = dice.choice((("c",), ("c",), ("c", "d")))
    acts = [Act(at=0, deed="launch", campaign=campaign) for campaign in campaigns]
    for campaign in campaigns:
        acts += _random_buttons(dice, campaign)
    for _ in range(dice.choice((0, 0, 1, 3))):
        deed: Any = dice.choice(("suppress", "erase", "withdraw consent", "change", "order"))
        acts.append(Act(at=_moment(dice), deed=deed, person=dice.randrange(8)))
    for _ in range(dice.choice((0, 0, 0, 1, 3))):
        acts.append(Act(at=_moment(dice), deed="kill", function=dice.choice(FUNCTIONS)))
    if dice.random() < 0.1:
        acts.append(Act(at=_moment(dice), deed=dice.choice(("foreign receipt", "malformed event"))))
    return tuple(sorted(acts, key=lambda act: act.at))


PLANS: tuple[tuple[str, ...], ...] = (
    (), ("pause", "resume"), ("cancel",), ("pause", "resume", "pause", "resume"), ("pause", "cancel"), ("retry",),
    ("retry", "retry"), ("retry", "pause", "resume"), ("pause", "resume", "retry"), ("then retry",),
    ("then retry", "retry"), ("then retry", "then retry"), ("then retry", "pause", "resume"),
    ("then retry", "cancel"), ("then erase", "then retry"), ("then suppress", "then retry"),
)  # fmt: skip
"""What is done to a campaign, in order; `then` waits until it has finished."""


def _random_buttons(dice: random.Random, campaign: str) -> list[Act]:
    """One of the plans, each step within seconds or minutes of the one before it, some by two managers at once."""
    at, acts = 0.0, []
    for step in dice.choice(PLANS):
        is_over_the_weekend = step == "resume" and dice.random() < 0.15
        usual = dice.choice((dice.uniform(0, 3), dice.uniform(0, 90), dice.uniform(0, 900)))
        at += 2.5 * DAY if is_over_the_weekend else usual
        deed: Any = step.removeprefix("then ")
        act = Act(
            at=at,
            deed=deed,
            campaign=campaign,
            by=dice.choice(("m1", "m2")),
            person=dice.randrange(8),
            once_finished=step.startswith("then "),
        )
        acts.append(act)
        if dice.random() < 0.15:
            acts.append(replace(act, at=at + dice.uniform(0, 1), by="m2", once_finished=False))
    return acts


def _moment(dice: random.Random) -> float:
    return dice.choice((dice.uniform(0, 5), dice.uniform(0, 120), dice.uniform(0, 1500)))


def _random_faults(dice: random.Random) -> tuple[StepFault, ...]:
    kinds: tuple[FaultKind, ...] = (
        "dies before", "dies after", "answer lost", "repeated", "freezes before", "freezes after", "aborted", "denied",
        "exhausted", "unavailable",
    )  # fmt: skip
    faults = []
    for _ in range(dice.choice((0, 0, 1, 2, 4))):
        step = dice.choice(STEPS) if dice.random() < 0.7 else f"read for {dice.choice(READS)}"
        kind = dice.choice(kinds)
        seconds = dice.choice((20, 70, 320, 900)) if kind.startswith("freezes") else 0
        faults.append(StepFault(step=step, nth=dice.choice((1, 1, 2, 3, 5, 8)), kind=kind, seconds=seconds))
    return tuple(faults)


def _random_outages(dice: random.Random) -> tuple[Outage, ...]:
    return tuple(_random_outage(dice) for _ in range(dice.choice((0, 0, 0, 1, 2))))


def _random_outage(dice: random.Random) -> Outage:
    at, seconds = _moment(dice), dice.choice((30, 120, 700, 700, 2000))
    if dice.random() < 0.4:  # it begins at the launch; some end only after the last delivery attempt
        at, seconds = 0.0, dice.choice((seconds, 6000))
    match dice.choice(("function", "function", "database", "pubsub", "deliveries", "vendor", "vendor", "callbacks")):
        case "function":
            function = dice.choice(("fan_out", "tick", "personalize", "deliver", "record", "dead_letter"))
            return Outage(at=at, seconds=seconds, what="function", function=function)
        case "database":
            kind = dice.choice(("unavailable", "aborted", "exhausted", "denied"))
            return Outage(at=at, seconds=seconds, what="database", function=dice.choice(("", *FUNCTIONS)), kind=kind)
        case "pubsub":
            return Outage(at=at, seconds=seconds, what="pubsub", function=dice.choice(("", *FUNCTIONS)))
        case "deliveries":
            subscription = dice.choice(("fan-outs", "recipients", "deliveries", "receipts", "ticks"))
            return Outage(at=at, seconds=seconds, what="deliveries", function=subscription, kind="delayed")
        case "vendor":
            return Outage(at=at, seconds=seconds, what="vendor", kind=dice.choice(VENDOR_MODES))
    return Outage(at=at, seconds=seconds, what="callbacks")


def _without_loss(story: Story) -> Story:
    """Without the watchdog nothing may get lost, so every report arrives, and no outage lasts until dead letters."""
    outages = tuple(replace(outage, seconds=min(outage.seconds, 700)) for outage in story.outages)
    acts = tuple(act for act in story.acts if act.deed not in ("foreign receipt", "malformed event"))
    faults = tuple(fault for fault in story.faults if fault.kind != "invalid")
    return replace(story, outages=outages, acts=acts, faults=faults, habits=replace(story.habits, reports_lost=0))


def step_story(step: str, kind: FaultKind, nth: int = 1) -> Story:
    """A campaign that is paused while the vendor is down, resumed and retried, or cancelled, with one fault at a step.

    No watchdog repairs what the fault does.
    """
    ends: tuple[Deed, ...] = ("cancel",) if step == "cancel" else ("resume", "retry")
    return Story(
        seed=nth,
        people=3,
        habits=Habits(watchdog=False, report_seconds=5, failing=0.7),
        acts=(
            Act(at=0, deed="launch"),
            Act(at=1, deed="pause"),
            *(Act(at=40 + number, deed=deed, once_finished=deed == "retry") for number, deed in enumerate(ends)),
        ),
        faults=(StepFault(step=step, nth=nth, kind=kind),),
        outages=(Outage(at=0, seconds=60, what="vendor", kind="down"),),
    )
