"""What Gemini was asked: calls and tokens, counted for each scope: a campaign, a day, the previews of a day.

    gemini_usage/{scope}.{shard}   calls, input_tokens, output_tokens; of a day, expires_at

Each instance counts in one shard, so that they do not wait for each other. The sum is read by id, without a query.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime

from common.ids import stable_hash
from common.llm.language_model import LanguageModel, ModelResponse, Prompt
from common.storage.documents import Documents, Increment, Merge

SHARDS = 8


@dataclass(frozen=True, kw_only=True, slots=True)
class TokenUsage:
    """Calls and tokens."""

    calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0

    def __add__(self, other: TokenUsage) -> TokenUsage:
        return TokenUsage(
            calls=self.calls + other.calls,
            input_tokens=self.input_tokens + other.input_tokens,
            output_tokens=self.output_tokens + other.output_tokens,
        )


class MeteredModel:
    """A model that counts what it is asked. A call without an answer counts, too."""

    def __init__(self, model: LanguageModel) -> None:
        self._model = model
        self.used = TokenUsage()

    async def generate(self, prompt: Prompt) -> ModelResponse:
        self.used += TokenUsage(calls=1)
        response = await self._model.generate(prompt)
        self.used += TokenUsage(input_tokens=response.input_tokens, output_tokens=response.output_tokens)
        return response


class GeminiUsage:
    """Counts in the shard of an instance, and reads the sums of all of them."""

    def __init__(self, documents: Documents, *, instance: str) -> None:
        self._documents = documents
        self._shard = int(stable_hash("gemini_usage", instance), 16) % SHARDS

    async def add(self, used: Mapping[str, TokenUsage], *, expires_at: datetime | None = None) -> None:
        """Adds to each scope. One whose numbers nobody will ask for any more has a time to expire."""
        expiry = {"expires_at": expires_at} if expires_at else {}
        writes = [
            Merge(_path(scope, self._shard), {name: Increment(n) for name, n in asdict(usage).items()} | expiry)
            for scope, usage in used.items()
            if usage.calls
        ]
        if writes:
            await self._documents.commit(writes)

    async def get(self, scope: str) -> TokenUsage:
        """The sum over all instances."""
        total = TokenUsage()
        for stored in await self._documents.get_all([_path(scope, shard) for shard in range(SHARDS)]):
            total += TokenUsage(**{name: stored.get(name, 0) for name in asdict(total)})
        return total


def _path(scope: str, shard: int) -> str:
    return f"gemini_usage/{scope}.{shard}"
