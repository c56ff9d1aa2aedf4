from __future__ import annotations

import pytest

from common.llm.grounding import promises, unfounded


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Hello there", set()),
        ("12,500.00 or 12500", {"12500"}),
        ("1,00,000.50", {"100000.5"}),
        ("20% off, 20 per cent", {"20", "20%"}),
        ("Use DIWALI20 now", {"DIWALI20", "20"}),
        ("See https://shop.example/a?b=1.", {"https://shop.example/a?b=1"}),
        ("Mail Help@Shop.example.", {"help@shop.example"}),
        ("www.shop.example", {"www.shop.example"}),
        ("007", {"7"}),
    ],
)
def test_finds_what_one_could_be_held_to(text: str, found: set[str]) -> None:
    assert found <= set(promises(text))
    assert not found or unfounded(text, source="") is not None


def test_a_promise_must_stand_in_the_source() -> None:
    source = "Get 15% off with SAVE15 until 30 November at https://shop.example/sale"
    assert unfounded("15 percent off with SAVE15, until 30 November", source=source) is None
    assert unfounded("Get 20% off", source=source) == "20%"
    assert unfounded("Use SAVE50", source=source) in {"50", "SAVE50"}
    assert unfounded("https://evil.example", source=source) == "https://evil.example"
    assert unfounded("write to a@b.example", source=source) == "a@b.example"


def test_a_percentage_is_not_founded_by_a_bare_number() -> None:
    assert unfounded("30% off", source="until 30 November") == "30%"
