"""Gives each process of a function a clock of its own: Python imports this module at its start.

The clocks of two machines in the cloud differ too. How much a clock is ahead or behind is decided by the process id.
"""

from __future__ import annotations

import os
from datetime import datetime, timedelta

import common.clock

MAX_SKEW_SECONDS = float(os.environ.get("CLOCK_SKEW_SECONDS", "0"))
_true_time = common.clock.utc_now


def _skewed_time() -> datetime:
    """The workers of a function are forks with ids of their own, so each of them has another clock."""
    share = os.getpid() * 2_654_435_761 % 2**32 / 2**32  # 0 to 1, spread
    return _true_time() + timedelta(seconds=(2 * share - 1) * MAX_SKEW_SECONDS)


common.clock.utc_now = _skewed_time
