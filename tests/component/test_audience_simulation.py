"""Any interleaving of writes, erasures, compactions that die or overtake each other, and readers with old state."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from common.audience import TABLES
from common.audience.index import compactor
from common.audience.index.tables import IndexTable
from common.storage.memory import MemoryDocuments
from tests.index_simulation import ALL_CALLS, PEOPLE, IndexSimulation
from tests.support import examples

pytestmark = pytest.mark.timeout(900)  # on a busy machine, with coverage

INDEXES = st.integers(0, 9)
CALLS = st.integers(1, 8)
MAX_DELTAS = st.sampled_from([1, 2, 400])
READERS = st.integers(0, 1)
PERSON = st.sampled_from(PEOPLE)
TABLE = st.sampled_from(TABLES)
FULL_BLOCK_BYTES = compactor.FULL_BLOCK_BYTES


class IndexMachine(RuleBasedStateMachine):
    """Drives `IndexSimulation` with random steps."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.simulation = IndexSimulation(MemoryDocuments())

    @initialize(size=st.sampled_from([0, FULL_BLOCK_BYTES]))
    def choose_size_of_full_blocks(self, size: int) -> None:
        """With 0, each block stays until one of its rows changes."""
        compactor.FULL_BLOCK_BYTES = size

    @rule(people=st.lists(PERSON, min_size=1, max_size=2, unique=True), spend=st.integers(0, 5))
    def write(self, people: list[str], spend: int) -> None:
        self.runner.run(self.simulation.write(people, spend))

    @rule(person=PERSON)
    def erase(self, person: str) -> None:
        self.runner.run(self.simulation.erase(person))

    @rule(person=PERSON, amount=st.integers(0, 5))
    def order(self, person: str, amount: int) -> None:
        self.runner.run(self.simulation.order(person, amount))

    @rule(person=PERSON)
    def open(self, person: str) -> None:
        self.runner.run(self.simulation.open(person))

    @rule()
    def reconcile(self) -> None:
        self.runner.run(self.simulation.reconcile())

    @rule(max_deltas=MAX_DELTAS, minutes=st.sampled_from([0, 6, 11]), table=TABLE)
    def compact(self, max_deltas: int, minutes: int, table: IndexTable) -> None:
        self.simulation.pass_time(minutes)
        self.runner.run(self.simulation.compact(max_deltas, table))

    @rule(number=READERS)
    def read(self, number: int) -> None:
        self.runner.run(self.simulation.proceed_reader(number, ALL_CALLS))

    @precondition(lambda self: len(self.simulation.compactions) < 2)
    @rule(max_deltas=MAX_DELTAS, calls=CALLS, minutes=st.sampled_from([0, 6]), table=TABLE)
    def begin_compaction(self, max_deltas: int, calls: int, minutes: int, table: IndexTable) -> None:
        self.simulation.pass_time(minutes)
        self.runner.run(self.simulation.begin_compaction(max_deltas, calls, table))

    @precondition(lambda self: self.simulation.compactions)
    @rule(number=INDEXES, calls=CALLS | st.just(ALL_CALLS))
    def proceed_compaction(self, number: int, calls: int) -> None:
        self.runner.run(self.simulation.proceed_compaction(number % len(self.simulation.compactions), calls))

    @precondition(lambda self: self.simulation.compactions)
    @rule(number=INDEXES)
    def kill_compaction(self, number: int) -> None:
        self.runner.run(self.simulation.kill_compaction(number % len(self.simulation.compactions)))

    @rule(number=READERS, calls=CALLS)
    def read_partly(self, number: int, calls: int) -> None:
        self.runner.run(self.simulation.proceed_reader(number, calls))

    def teardown(self) -> None:
        try:
            self.runner.run(self.simulation.end())
        finally:
            self.runner.close()
            compactor.FULL_BLOCK_BYTES = FULL_BLOCK_BYTES


TestIndex = IndexMachine.TestCase
TestIndex.settings = settings(max_examples=examples(40), stateful_step_count=40)  # one run takes half a second
