"""A few seeds of the chaos; `make chaos` runs many."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.system.chaos import stormy
from tests.system.chaos_run import Ordeal

pytestmark = [pytest.mark.stack, pytest.mark.timeout(900), pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def ordeal(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Ordeal]:
    async with stormy(tmp_path_factory.mktemp("chaos")) as ordeal:
        yield ordeal


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_all_books_agree_after_a_storm(ordeal: Ordeal, seed: int) -> None:
    result = await ordeal.run(seed)
    print(result)
    assert result.differences == []
