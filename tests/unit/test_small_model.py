"""The prompt of examples that a small model continues, and what of its text is taken."""

from __future__ import annotations

from pathlib import Path

import pytest

from local.small_model.examples import prompt_of_examples, text_of
from local.small_model.model import SmallModel

MESSAGE = {"subject": "Hello", "body": "Hi ⟦first_name⟧,\n\nhere is ⟦offer⟧."}


def test_prompt_ends_where_the_text_begins() -> None:
    """After the examples stand the message and the traits of one person."""
    prompt = prompt_of_examples(MESSAGE, {"id": "1", "traits": ["is new to us", "comes by often"]})
    last = prompt.split("###")[-1]
    assert last.strip().splitlines() == [
        "Message: Hi ⟦first_name⟧, here is ⟦offer⟧.",
        "The reader is new to us, comes by often.",
        "Rewritten for this reader:",
    ]


@pytest.mark.parametrize(
    ("written", "text"),
    [
        (" Hello ⟦first_name⟧, come by.\n### and more", "Hello ⟦first_name⟧, come by."),
        ("Come by.\nMessage: another", "Come by."),
        ("Come by.\n\nSee you.", "Come by.\n\nSee you."),
    ],
)
def test_text_ends_where_the_examples_end(written: str, text: str) -> None:
    """A base model goes on with examples of its own."""
    assert text_of(written) == text


async def test_model_that_was_not_fetched_says_how(tmp_path: Path) -> None:
    """Nothing is fetched unless it was asked for."""
    with pytest.raises(FileNotFoundError, match="make run MODEL=local"):
        await SmallModel.start(tmp_path)
