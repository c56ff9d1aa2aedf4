"""Any interleaving of writes, erasures, folds that die or overtake each other, and readers that hold old state."""

from __future__ import annotations

import asyncio

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from common.audience import SHEETS
from common.audience.index.tables import Sheet
from common.storage.memory import MemoryDocuments
from tests.index_simulation import PEOPLE, WHOLE, Play

NUMBERS = st.integers(0, 9)
CALLS = st.integers(1, 8)
MOST = st.sampled_from([1, 2, 400])
READERS = st.integers(0, 1)
PERSON = st.sampled_from(PEOPLE)
SHEET = st.sampled_from(SHEETS)


class Index(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.play = Play(MemoryDocuments())

    @rule(people=st.lists(PERSON, min_size=1, max_size=2, unique=True), spend=st.integers(0, 5))
    def write(self, people: list[str], spend: int) -> None:
        self.runner.run(self.play.write(people, spend))

    @rule(person=PERSON)
    def erase(self, person: str) -> None:
        self.runner.run(self.play.erase(person))

    @rule(person=PERSON, amount=st.integers(0, 5))
    def order(self, person: str, amount: int) -> None:
        self.runner.run(self.play.order(person, amount))

    @rule(person=PERSON)
    def open(self, person: str) -> None:
        self.runner.run(self.play.open(person))

    @rule()
    def compare(self) -> None:
        self.runner.run(self.play.compare())

    @rule(most=MOST, minutes=st.sampled_from([0, 6, 11]), sheet=SHEET)
    def fold(self, most: int, minutes: int, sheet: Sheet) -> None:
        self.play.pass_time(minutes)
        self.runner.run(self.play.fold(most, sheet))

    @rule(number=READERS)
    def read(self, number: int) -> None:
        self.runner.run(self.play.proceed_reader(number, WHOLE))

    @precondition(lambda self: len(self.play.folds) < 2)
    @rule(most=MOST, calls=CALLS, minutes=st.sampled_from([0, 6]), sheet=SHEET)
    def begin_fold(self, most: int, calls: int, minutes: int, sheet: Sheet) -> None:
        self.play.pass_time(minutes)
        self.runner.run(self.play.begin_fold(most, calls, sheet))

    @precondition(lambda self: self.play.folds)
    @rule(number=NUMBERS, calls=CALLS | st.just(WHOLE))
    def proceed_fold(self, number: int, calls: int) -> None:
        self.runner.run(self.play.proceed_fold(number % len(self.play.folds), calls))

    @precondition(lambda self: self.play.folds)
    @rule(number=NUMBERS)
    def kill_fold(self, number: int) -> None:
        self.runner.run(self.play.kill_fold(number % len(self.play.folds)))

    @rule(number=READERS, calls=CALLS)
    def read_partly(self, number: int, calls: int) -> None:
        self.runner.run(self.play.proceed_reader(number, calls))

    def teardown(self) -> None:
        try:
            self.runner.run(self.play.end())
        finally:
            self.runner.close()


TestIndex = Index.TestCase
TestIndex.settings = settings(max_examples=40, stateful_step_count=40, deadline=None)
