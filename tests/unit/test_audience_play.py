"""Any interleaving of writes, erasures, folds that die or overtake each other, and readers that hold old state."""

from __future__ import annotations

import asyncio

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from common.memory import MemoryDocuments
from tests.play import PEOPLE, Play

NUMBERS = st.integers(0, 9)
CALLS = st.sampled_from([40, 40, 40, 1, 2, 3, 4, 5, 6])
"""How many a fold or a reader may make before it has to wait: mostly enough."""


class Index(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.play = Play(MemoryDocuments())

    @rule(people=st.lists(st.sampled_from(PEOPLE), min_size=1, max_size=2, unique=True), spend=st.integers(0, 5))
    def write(self, people: list[str], spend: int) -> None:
        self.runner.run(self.play.write(people, spend))

    @rule(person=st.sampled_from(PEOPLE))
    def erase(self, person: str) -> None:
        self.runner.run(self.play.erase(person))

    @rule(minutes=st.sampled_from([1, 6, 11]))
    def pass_time(self, minutes: int) -> None:
        self.play.pass_time(minutes)

    @precondition(lambda self: len(self.play.folds) < 3)
    @rule(most=st.sampled_from([1, 2, 400]), calls=CALLS)
    def begin_fold(self, most: int, calls: int) -> None:
        async def begin() -> None:
            self.play.begin_fold(most)
            await self.play.proceed_fold(-1, calls)

        self.runner.run(begin())

    @precondition(lambda self: self.play.folds)
    @rule(number=NUMBERS, calls=CALLS)
    def proceed_fold(self, number: int, calls: int) -> None:
        self.runner.run(self.play.proceed_fold(number % len(self.play.folds), calls))

    @precondition(lambda self: self.play.folds)
    @rule(number=NUMBERS, minutes=st.sampled_from([0, 6]))
    def kill_fold(self, number: int, minutes: int) -> None:
        self.runner.run(self.play.kill_fold(number % len(self.play.folds)))
        self.play.pass_time(minutes)

    @rule(number=st.integers(0, 1), calls=CALLS)
    def read(self, number: int, calls: int) -> None:
        self.runner.run(self.play.proceed_reader(number, calls))

    def teardown(self) -> None:
        try:
            self.runner.run(self.play.end())
        finally:
            self.runner.close()


TestIndex = Index.TestCase
TestIndex.settings = settings(max_examples=80, stateful_step_count=40, deadline=None)
