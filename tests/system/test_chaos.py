"""A few seeds of the chaos run; `make chaos` runs many."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.system.chaos import start_chaos
from tests.system.chaos_plan import seeds_with_every_action
from tests.system.chaos_run import ChaosRun

pytestmark = [pytest.mark.stack, pytest.mark.timeout(900), pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def chaos_run(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ChaosRun]:
    async with start_chaos(tmp_path_factory.mktemp("chaos")) as chaos_run:
        yield chaos_run


@pytest.mark.parametrize("seed", seeds_with_every_action())
async def test_records_after_injected_faults_agree(chaos_run: ChaosRun, seed: int) -> None:
    """All records of a campaign agree after the faults have ended."""
    result = await chaos_run.run(seed)
    print(result)
    assert result.differences == []
