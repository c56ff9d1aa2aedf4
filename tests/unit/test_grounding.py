"""Grounding of generated texts."""

from __future__ import annotations

import pytest

from common.llm.grounding import factual_claims, first_ungrounded


@pytest.mark.parametrize(
    ("text", "claims"),
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
def test_factual_claims_finds_numbers_links_addresses_and_codes(text: str, claims: set[str]) -> None:
    """The claims of a text are found in normalized form; without a source, none of them is grounded."""
    assert claims <= set(factual_claims(text))
    assert not claims or first_ungrounded(text, source="") is not None


def test_claim_missing_in_the_source_is_ungrounded() -> None:
    """A claim is grounded only if the source has the same one."""
    source = "Get 15% off with SAVE15 until 30 November at https://shop.example/sale"
    assert first_ungrounded("15 percent off with SAVE15, until 30 November", source=source) is None
    assert first_ungrounded("Get 20% off", source=source) == "20%"
    assert first_ungrounded("Use SAVE50", source=source) in {"50", "SAVE50"}
    assert first_ungrounded("https://evil.example", source=source) == "https://evil.example"
    assert first_ungrounded("write to a@b.example", source=source) == "a@b.example"


def test_percentage_is_not_grounded_by_a_plain_number() -> None:
    """The source must have the percentage, not only its number."""
    assert first_ungrounded("30% off", source="until 30 November") == "30%"
