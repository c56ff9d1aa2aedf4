"""`make mutants` can apply every fault to the code as it is."""

from __future__ import annotations

from collections import Counter

import pytest

from local.topology import ROOT
from tests.mutation.mutants import MUTANTS, Mutant


@pytest.mark.parametrize("mutant", MUTANTS, ids=[mutant.name for mutant in MUTANTS])
def test_mutant_can_be_applied(mutant: Mutant) -> None:
    """The text that it replaces stands in its file once, and the tests that are to notice it exist."""
    assert (ROOT / mutant.file).read_text().count(mutant.old) == 1
    assert mutant.new != mutant.old
    assert all((ROOT / test.partition("::")[0]).exists() for test in mutant.tests)


def test_names_of_mutants_are_unique() -> None:
    """Each name says which fault it is."""
    assert [name for name, number in Counter(mutant.name for mutant in MUTANTS).items() if number > 1] == []
