"""Gemini behind a small port: instructions and data in, checked JSON out."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from common.errors import Unavailable
from common.settings import Cloud
from common.settings import Gemini as GeminiSettings

if TYPE_CHECKING:
    from google.genai import Client

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class Prompt:
    instructions: str  # what to do: ours alone
    data: Mapping[str, Any]  # what to do it with: never read as instructions
    schema: Mapping[str, Any]  # JSON schema of the answer


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    content: Any  # the JSON that came back; not yet checked against the schema
    input_tokens: int = 0
    output_tokens: int = 0


class Model(Protocol):
    async def ask(self, prompt: Prompt) -> Answer:
        """Raises `Unavailable` when there is no usable answer: late, refused, blocked, no JSON."""
        ...


class Gemini:
    """The real one. The SDK sets neither time-out nor retries, so both are set here: one retry, since whoever asks
    has a template to fall back to, and people wait."""

    def __init__(self, settings: GeminiSettings, cloud: Cloud) -> None:
        self._settings = settings
        self._client = _client(settings, cloud)

    async def ask(self, prompt: Prompt) -> Answer:
        from google.genai import errors

        try:
            response = await self._client.aio.models.generate_content(
                model=self._settings.model,
                contents=json.dumps(prompt.data, ensure_ascii=False, default=str),
                config={
                    "system_instruction": prompt.instructions,
                    "response_mime_type": "application/json",
                    "response_json_schema": dict(prompt.schema),
                },
            )
        except errors.APIError as error:
            raise Unavailable(f"Gemini answered {error.code}: {error.message}") from error
        except Exception as error:  # the SDK lets its HTTP client's own errors through, whichever client that is
            raise Unavailable(f"Gemini could not be reached: {type(error).__name__}: {error}") from error
        return _answer(response)


def _client(settings: GeminiSettings, cloud: Cloud) -> Client:
    from google.genai import Client
    from google.genai.types import HttpOptions, HttpRetryOptions

    options = HttpOptions(
        base_url=settings.base_url,
        timeout=int(settings.timeout_seconds * 1000),
        retry_options=HttpRetryOptions(attempts=2, initial_delay=0.5, http_status_codes=[429, 500, 502, 503, 504]),
    )
    if settings.api_key:
        return Client(api_key=settings.api_key.get_secret_value(), http_options=options)
    return Client(enterprise=True, project=cloud.project, location=settings.location, http_options=options)


def _answer(response: Any) -> Answer:
    try:
        content = json.loads(response.text or "")
    except ValueError as error:
        finished = [str(candidate.finish_reason) for candidate in response.candidates or ()]
        raise Unavailable(f"Gemini's answer holds no JSON ({', '.join(finished) or 'blocked'}).") from error
    usage = response.usage_metadata
    return Answer(
        content=content,
        input_tokens=(usage and usage.prompt_token_count) or 0,
        output_tokens=(usage and usage.candidates_token_count) or 0,
    )
