"""When a campaign ends, its counters are held against its receipts."""

from __future__ import annotations

import logging

import pytest

from common.documents import Increment, Update
from common.events import Tick
from tests.unit.test_main_job import Herald

MESSAGE = "counters differ from the ledger"


async def finished(herald: Herald) -> None:
    await herald.customers(20)
    await herald.launch()
    await herald.work()


async def test_counters_that_agree_are_not_worth_a_word(caplog: pytest.LogCaptureFixture) -> None:
    herald = Herald()
    await finished(herald)
    await herald.ticker.tick(Tick())
    assert MESSAGE not in caplog.messages


async def test_counters_that_differ_are_reported(caplog: pytest.LogCaptureFixture) -> None:
    """One too many sent, one too few failed: the sum is right, the counters are not."""
    herald = Herald()
    await finished(herald)
    true = (await herald.ledger.statistics("c")).kinds
    wrong = {"kinds.sent": Increment(1), "kinds.failed": Increment(-1)}
    await herald.documents.commit([Update("counters/c.one", wrong)])
    await herald.ticker.tick(Tick())
    [record] = [one for one in caplog.records if one.message == MESSAGE]
    assert record.levelno == logging.ERROR
    assert record.__dict__["campaign"] == "c"
    assert record.__dict__["receipts"] == {"failed": true["failed"], "sent": true["sent"]}
    assert record.__dict__["counters"] == {"failed": true["failed"] - 1, "sent": true["sent"] + 1}
