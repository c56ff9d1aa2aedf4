"""Google's Model Armor behind the `SafetyNet` port: one request for each text, to the template that the deployer made.

The answer is checked against the shape that the service documents. No answer, an answer of another shape, and one that
says that filters could not run are errors; the setting decides whether a text is then refused or accepted.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, Field, ValidationError

from common.llm.safety_net import NO_NET, SafetyNet
from common.settings import Settings

if TYPE_CHECKING:
    from requests import Session

log = logging.getLogger(__name__)
TIMEOUT_SECONDS = 5.0
SCOPE = "https://www.googleapis.com/auth/cloud-platform"
MATCH = "MATCH_FOUND"


class ModelArmorSettings(Settings):
    """Model Armor is asked if it has a template."""

    template: str = Field(
        alias="MODEL_ARMOR_TEMPLATE",
        default="",
        pattern=r"^$|^projects/[a-z0-9.:-]+/locations/[a-z0-9-]+/templates/[\w-]+$",
        description="projects/…/locations/…/templates/…: texts of Gemini that it matches are not sent",
    )
    on_error: Literal["refuse", "accept"] = Field(
        alias="MODEL_ARMOR_ON_ERROR", default="refuse", description="what happens to a text if Model Armor is not there"
    )


class _Result(BaseModel):
    """The part of the answer that is used."""

    match: Literal["MATCH_FOUND", "NO_MATCH_FOUND"] = Field(alias="filterMatchState")
    invocation: Literal["SUCCESS", "PARTIAL", "FAILURE"] = Field(alias="invocationResult")
    filters: Mapping[str, Any] = Field(alias="filterResults", default={})


class _Answer(BaseModel):
    result: _Result = Field(alias="sanitizationResult")


class ModelArmor:
    """The adapter. `base_url` is that of the template's location, but in tests."""

    def __init__(
        self,
        settings: ModelArmorSettings,
        *,
        base_url: str | None = None,
        create_session: Callable[[], Session] | None = None,
        timeout: float = TIMEOUT_SECONDS,
    ) -> None:
        location = settings.template.split("/")[3]
        self._url = f"{base_url or f'https://modelarmor.{location}.rep.googleapis.com'}/v1/{settings.template}"
        self._on_error = settings.on_error
        self._timeout = timeout
        self._create_session = create_session or _signed_in_session

    async def objection(self, text: str) -> str | None:
        """The names of the filters that match."""
        from google.auth.exceptions import GoogleAuthError  # loaded only where Model Armor is asked
        from requests import RequestException

        try:
            async with asyncio.timeout(
                self._timeout
            ):  # of the whole answer: that of `requests` is for each piece of it
                result = await asyncio.to_thread(self._ask, text)
        except (TimeoutError, RequestException, GoogleAuthError, ValidationError) as error:
            return self._decide(type(error).__name__)
        if result.match == MATCH:
            return f"Model Armor matched {', '.join(_matching(result.filters)) or 'the text'}."
        return None if result.invocation == "SUCCESS" else self._decide(result.invocation)

    def _ask(self, text: str) -> _Result:
        body = {"modelResponseData": {"text": text}}
        response = self._session.post(f"{self._url}:sanitizeModelResponse", json=body, timeout=self._timeout)
        response.raise_for_status()
        return _Answer.model_validate_json(response.content).result

    @cached_property
    def _session(self) -> Session:
        return self._create_session()

    def _decide(self, reason: str) -> str | None:
        """What the setting says about a text that nobody could look at."""
        log.warning("Model Armor gave no answer", extra={"event": "model_armor_failed", "reason": reason})
        return f"Model Armor gave no answer ({reason})." if self._on_error == "refuse" else None


def _matching(filters: Mapping[str, Any]) -> list[str]:
    return sorted(name for name, result in filters.items() if f'"{MATCH}"' in json.dumps(result))


def _signed_in_session() -> Session:
    """A session with the function's own credentials."""
    import google.auth
    from google.auth.transport.requests import AuthorizedSession

    credentials, _ = google.auth.default(scopes=[SCOPE])
    return AuthorizedSession(credentials)  # type: ignore[no-untyped-call]  # google-auth has no types here


def safety_net(environ: Mapping[str, str]) -> SafetyNet:
    """Model Armor if it has a template, else none."""
    settings = ModelArmorSettings.read(environ)
    return ModelArmor(settings) if settings.template else NO_NET
