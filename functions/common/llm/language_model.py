"""The port to a language model: instructions and data in, JSON out. `common/llm/gemini.py` is the adapter."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True, kw_only=True, slots=True)
class Prompt:
    """A question to a language model."""

    instructions: str  # written by Herald only
    data: Mapping[str, Any]  # the input; the model must not follow instructions in it
    schema: Mapping[str, Any]  # JSON schema of the response
    variant: int = 0  # another number asks for another answer to the same question


@dataclass(frozen=True, kw_only=True, slots=True)
class ModelResponse:
    """The response of a language model."""

    content: Any  # the parsed JSON, not yet validated against the schema
    input_tokens: int = 0
    output_tokens: int = 0


class LanguageModel(Protocol):
    """The port to a language model."""

    async def generate(self, prompt: Prompt) -> ModelResponse:
        """Raises `Unavailable` if there is no usable response: time-out, error, blocked, or not JSON."""
        ...
