"""The examples of the help page: each is a rule that Herald reads."""

from __future__ import annotations

import re

import pytest

from common.rules import parse
from local.topology import ROOT

SOURCE = (ROOT / "static_site/pages/help/examples.js").read_text()
RULES = [single or double for double, single in re.findall(r"""rule: (?:"([^"]*)"|'([^']*)')""", SOURCE)]


def test_all_examples_are_read_from_the_page() -> None:
    """Otherwise the next test would say nothing."""
    assert len(RULES) == SOURCE.count("rule: ") - 1 > 20  # one is in the type


@pytest.mark.parametrize("rule", RULES)
def test_example_is_a_rule(rule: str) -> None:
    """In the currency of the deployment, whatever that is."""
    parse(rule, "INR")
