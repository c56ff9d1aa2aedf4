"""The prompt of examples that a small model continues, and what of its text is taken."""

from __future__ import annotations

from pathlib import Path

import pytest

from local.small_model.examples import prompt_for_sentence, prompt_of_examples, text_of
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
        ("Come by.\nThe reader has been away.\nRewritten for this reader: Hello", "Come by."),
        ("Come by.\nRewritten for this reader: Hello", "Come by."),
        ("Come by.\nOne sentence as its closing: Bye", "Come by."),
        ("Come by.\n\nSee you.", "Come by.\n\nSee you."),
    ],
)
def test_text_ends_where_the_examples_end(written: str, text: str) -> None:
    """A base model goes on with examples of its own."""
    assert text_of(written) == text


def test_prompt_for_a_sentence_ends_where_it_begins() -> None:
    """After the examples stand the message and the place that the sentence is for."""
    last = prompt_for_sentence(MESSAGE, "closing").split("###")[-1]
    assert last.strip().splitlines() == ["Message: Hi ⟦first_name⟧, here is ⟦offer⟧.", "One sentence as its closing:"]


class Completions(SmallModel):
    """A model that answers with what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, int]] = []

    async def _complete(self, prompt: str, *, seed: int, tokens: int = 0) -> str:
        self.asked.append((prompt, tokens))
        return f" Sentence {len(self.asked)}.\nMessage: another"


async def test_model_writes_the_sentences_that_are_wanted() -> None:
    """One call each, for everybody; what follows the first line is not taken."""
    model = Completions()
    sentences = await model.sentences(MESSAGE, {"opening": 1, "closing": 2})
    assert sentences == [
        {"place": "opening", "traits": [], "text": "Sentence 1."},
        {"place": "closing", "traits": [], "text": "Sentence 2."},
        {"place": "closing", "traits": [], "text": "Sentence 3."},
    ]
    assert "as its closing:" in model.asked[-1][0]


async def test_model_that_was_not_fetched_says_how(tmp_path: Path) -> None:
    """Nothing is fetched unless it was asked for."""
    with pytest.raises(FileNotFoundError, match="make run MODEL=local"):
        await SmallModel.start(tmp_path)
