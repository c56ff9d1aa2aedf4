"""Gemini behind the `LanguageModel` port."""

from __future__ import annotations

import json
import logging
from functools import cached_property
from typing import TYPE_CHECKING, Any

from common.errors import Unavailable
from common.llm.language_model import ModelResponse, Prompt
from common.settings import CloudSettings, GeminiSettings

if TYPE_CHECKING:
    from google.genai import Client

log = logging.getLogger(__name__)


class Gemini:
    """The adapter. The SDK has neither a time-out nor retries by default, so both are set here.

    There is one retry only, because people wait, and callers have a template as fallback.
    """

    def __init__(self, settings: GeminiSettings, cloud: CloudSettings) -> None:
        self._settings = settings
        self._cloud = cloud

    @cached_property
    def _client(self) -> Client:
        """Created at the first prompt, because loading the SDK takes a second."""
        return _create_client(self._settings, self._cloud)

    async def generate(self, prompt: Prompt) -> ModelResponse:
        """Sends the data as JSON, the instructions as system instruction. Raises `Unavailable`."""
        from google.genai import errors

        client = self._client
        try:
            response = await client.aio.models.generate_content(
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
        except Exception as error:  # the SDK does not wrap the errors of its HTTP client
            raise Unavailable(f"Gemini could not be reached: {type(error).__name__}: {error}") from error
        return _parse_response(response)


def _create_client(settings: GeminiSettings, cloud: CloudSettings) -> Client:
    """The SDK's client, with the API key, or without one for Vertex AI with the function's credentials."""
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


def _parse_response(response: Any) -> ModelResponse:
    """Raises `Unavailable` if the text is not JSON, with the reasons why the model stopped."""
    try:
        content = json.loads(response.text or "")
    except ValueError as error:
        reasons = [str(candidate.finish_reason) for candidate in response.candidates or ()]
        raise Unavailable(f"Gemini's response is not JSON ({', '.join(reasons) or 'blocked'}).") from error
    usage = response.usage_metadata
    return ModelResponse(
        content=content,
        input_tokens=(usage and usage.prompt_token_count) or 0,
        output_tokens=(usage and usage.candidates_token_count) or 0,
    )
