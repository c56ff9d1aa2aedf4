"""The targets of `make fuzz` hold for a few inputs each; `make fuzz` tries many more."""

from __future__ import annotations

import pytest
from hypothesis import settings

from tests.fuzz.__main__ import OPTIONS, fuzz
from tests.fuzz.targets import TARGETS, FuzzTarget


@pytest.mark.parametrize("name", TARGETS)
def test_target_answers_made_up_inputs(name: str) -> None:
    """It reads them, or says what is wrong with them."""
    assert fuzz(TARGETS[name], 0, options=settings(OPTIONS, max_examples=10)).inputs >= 10


def test_error_that_is_not_the_callers_fault_is_found() -> None:
    """A target that raises something else fails."""

    def read(value: int) -> None:
        raise KeyError(value)

    with pytest.raises(KeyError):
        fuzz(FuzzTarget(TARGETS["rules"].inputs, read), 0)
