"""What README.md and docs/ say that Gemini's texts cost is what the benchmark measures."""

from __future__ import annotations

import pytest

from benchmarks.personalization import measure
from common.writing.writer import MAX_CHOICES_PER_CALL, MAX_RECIPIENTS_PER_CALL
from local.topology import ROOT


@pytest.mark.filterwarnings("ignore:Inheritance class AiohttpClientSession:DeprecationWarning")  # of Google's SDK
async def test_pages_say_what_gemini_costs_in_each_way_of_writing() -> None:
    """`python -m benchmarks.personalization` prints the new figures. Packs are those of a deployment."""
    sentences = await measure("sentences", MAX_CHOICES_PER_CALL, 200, "ok")
    free = await measure("free", MAX_RECIPIENTS_PER_CALL, 200, "ok")
    cheap, dear = (round(100 * figures.dollars_per_thousand) for figures in (sentences, free))
    assert f"plus about ${cheap} for Gemini's tokens, or about ${dear} if it writes each text freely" in words_of(
        "README.md"
    )
    assert f"the tokens cost about ${cheap} for 100,000 messages" in words_of("docs/deploy.md")
    table = rows("docs/personalization.md")
    for way, figures in (("of checked sentences", sentences), ("freely", free)):
        [row] = [row for row in table if row[:2] == [way, str(figures.pack)]]
        tokens = [f"{figures.input_tokens:,}", f"{figures.output_tokens:,}", f"{figures.dollars_per_thousand:.3f}"]
        assert row[6:9] == tokens, way


def words_of(page: str) -> str:
    return " ".join((ROOT / page).read_text().split())


def rows(page: str) -> list[list[str]]:
    """The cells of the lines of the page's tables."""
    lines = (ROOT / page).read_text().splitlines()
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")]
