"""Gemini behind the `LanguageModel` port."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Awaitable, Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any

from common.errors import Unavailable
from common.llm.language_model import ModelResponse, Prompt
from common.llm.quota import QuotaPause
from common.settings import CloudSettings, GeminiSettings

if TYPE_CHECKING:
    from google.genai import Client
    from google.genai.errors import APIError

log = logging.getLogger(__name__)

MAX_OUTPUT_TOKENS = 8_192  # ten texts of a long message
TEMPERATURE = 0.9  # people of equal traits get different texts
SEED = 7
THINKING = "MINIMAL"
BLOCKED_FROM = "BLOCK_MEDIUM_AND_ABOVE"
HARMS = (
    "HARM_CATEGORY_HARASSMENT",
    "HARM_CATEGORY_HATE_SPEECH",
    "HARM_CATEGORY_SEXUALLY_EXPLICIT",
    "HARM_CATEGORY_DANGEROUS_CONTENT",
)


class Gemini:
    """The adapter. The SDK has neither a time-out nor retries by default, so both are set here.

    There is one retry only, because people wait, and callers have a template as fallback. When the quota is used up,
    all calls of the instance pause: a short pause is waited for once, during a long one calls fail at once.
    """

    def __init__(
        self,
        settings: GeminiSettings,
        cloud: CloudSettings,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._settings = settings
        self._cloud = cloud
        self._pause = QuotaPause(monotonic)
        self._sleep = sleep

    @cached_property
    def _client(self) -> Client:
        """Created at the first prompt, because loading the SDK takes a second."""
        return _create_client(self._settings, self._cloud)

    async def generate(self, prompt: Prompt) -> ModelResponse:
        """Sends the data as JSON, the instructions as system instruction. Raises `Unavailable`.

        It answers or raises within the deadline of the settings, retries and pauses included.
        """
        try:
            async with asyncio.timeout(self._settings.deadline_seconds):
                return await self._generate(prompt)
        except TimeoutError as error:
            seconds = self._settings.deadline_seconds
            raise Unavailable(f"Gemini did not answer within {seconds:g} seconds.") from error

    async def _generate(self, prompt: Prompt) -> ModelResponse:
        """One request, and another one after a short pause if the quota is used up."""
        from google.genai import errors

        await self._wait_for_quota()
        try:
            response = await self._request(prompt)
        except errors.APIError as error:
            if error.code != 429:
                raise _unavailable(error) from error
            seconds = self._pause.start(error)
            log.warning("Gemini's quota is used up", extra={"event": "gemini_quota", "seconds": seconds})
            await self._wait_for_quota()
            response = await self._request_again(prompt)
        self._pause.end()
        return _parse_response(response)

    async def _wait_for_quota(self) -> None:
        if seconds := self._pause.seconds_to_wait():
            await self._sleep(seconds)

    async def _request_again(self, prompt: Prompt) -> Any:
        from google.genai import errors

        try:
            return await self._request(prompt)
        except errors.APIError as error:
            if error.code == 429:
                self._pause.start(error)
            raise _unavailable(error) from error

    async def _request(self, prompt: Prompt) -> Any:
        """The SDK's response. Raises the SDK's `APIError`, or `Unavailable` if there was no answer."""
        from google.genai import errors

        try:
            return await self._client.aio.models.generate_content(
                model=self._settings.model,
                contents=json.dumps(prompt.data, ensure_ascii=False, default=str),
                config=_configuration(prompt, self._settings),
            )
        except errors.APIError:
            raise
        except Exception as error:  # the SDK does not wrap the errors of its HTTP client
            raise Unavailable(f"Gemini could not be reached: {type(error).__name__}: {error}") from error


def _unavailable(error: APIError) -> Unavailable:
    return Unavailable(f"Gemini answered {error.code}: {error.message}")


def _configuration(prompt: Prompt, settings: GeminiSettings) -> Any:
    """Everything that is said to Gemini besides the data."""
    from google.genai.types import ThinkingConfig, ThinkingLevel

    return {
        "system_instruction": prompt.instructions,
        "response_mime_type": "application/json",
        "response_json_schema": dict(prompt.schema),
        "max_output_tokens": MAX_OUTPUT_TOKENS,
        "temperature": TEMPERATURE,
        "seed": SEED + prompt.variant,
        "thinking_config": ThinkingConfig(thinking_level=ThinkingLevel(THINKING)),
        "safety_settings": [{"category": harm, "threshold": BLOCKED_FROM} for harm in HARMS],
    } | ({"service_tier": settings.service_tier} if settings.service_tier != "standard" else {})


def _create_client(settings: GeminiSettings, cloud: CloudSettings) -> Client:
    """The SDK's client, with the API key, or without one for Vertex AI with the function's credentials."""
    from google.genai import Client
    from google.genai.types import HttpOptions, HttpRetryOptions

    options = HttpOptions(
        base_url=settings.base_url,
        timeout=int(settings.timeout_seconds * 1000),
        retry_options=HttpRetryOptions(attempts=2, initial_delay=0.5, http_status_codes=[500, 502, 503, 504]),
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
