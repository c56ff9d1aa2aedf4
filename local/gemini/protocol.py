"""Gemini's REST protocol, limited to `generateContent`."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, Protocol

from aiohttp import web
from pydantic import ValidationError

from local.gemini.answers import generate_text, request_data, seed_of
from local.gemini.behaviour import GeminiBehaviour, GeminiControl

STATUS_NAMES = {
    400: "INVALID_ARGUMENT",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    429: "RESOURCE_EXHAUSTED",
    503: "UNAVAILABLE",
}
ERROR_RESPONSES = {
    "quota": (429, "You exceeded your current quota, please check your plan and billing details."),
    "unavailable": (503, "The model is overloaded. Please try again later."),
}
BLOCKED: Mapping[str, Any] = {"promptFeedback": {"blockReason": "PROHIBITED_CONTENT"}}
MAX_BODY_BYTES = 20_000_000


class TextWriter(Protocol):
    """A real model that writes texts and sentences instead of the stand-in. It does not choose sentences."""

    async def texts(
        self, message: Mapping[str, str], people: Sequence[Mapping[str, Any]], *, seed: int = 0
    ) -> list[dict[str, str]]: ...

    async def sentences(
        self, message: Mapping[str, str], wanted: Mapping[str, int], *, seed: int = 0
    ) -> list[dict[str, Any]]: ...


def application(control: GeminiControl, writer: TextWriter | None = None) -> web.Application:
    app = web.Application(client_max_size=MAX_BODY_BYTES)
    generate = GenerateContent(control, writer).generate
    app.add_routes([web.post(f"/{version}/models/{{model}}:generateContent", generate) for version in ("v1", "v1beta")])
    app.add_routes(_control_routes(control))
    return app


class GenerateContent:
    """The handler of `generateContent`."""

    def __init__(self, control: GeminiControl, writer: TextWriter | None = None) -> None:
        self._control = control
        self._writer = writer

    async def generate(self, request: web.Request) -> web.Response:
        """Validate the request and respond in the selected mode."""
        if not request.headers.get("x-goog-api-key"):
            return error_response(403, "Method doesn't allow unregistered callers.")
        model = request.match_info["model"]
        if not model.startswith("gemini-"):
            return error_response(404, f"models/{model} is not found for API version v1beta.")
        body = await _body(request)
        if body is None:
            return error_response(400, "GenerateContentRequest.contents: contents is not specified")
        return await self._answer(model, body)

    async def _answer(self, model: str, body: Mapping[str, Any]) -> web.Response:
        behaviour = self._control.next_behaviour()
        await asyncio.sleep(behaviour.delay)
        if behaviour.mode in ERROR_RESPONSES:
            return error_response(*ERROR_RESPONSES[behaviour.mode])
        text = "" if behaviour.mode == "blocked" else await self._text(body, behaviour)
        return web.json_response(self._response(model, body, text, blocked=behaviour.mode == "blocked"))

    async def _text(self, body: Mapping[str, Any], behaviour: GeminiBehaviour) -> str:
        """The candidate. Texts and sentences are the writer's, if there is one and nothing shall go wrong."""
        data = request_data(body)
        if self._writer and behaviour.mode == "ok" and "message" in data:
            if "people" in data:
                texts = await self._writer.texts(data["message"], data["people"], seed=seed_of(body))
                return json.dumps({"messages": texts}, ensure_ascii=False)
            if "wanted" in data:
                proposed = await self._writer.sentences(data["message"], data["wanted"], seed=seed_of(body))
                return json.dumps({"proposed": proposed}, ensure_ascii=False)
        return generate_text(body, behaviour.mode)

    def _response(self, model: str, body: Mapping[str, Any], text: str, *, blocked: bool) -> dict[str, Any]:
        """Build the body of a response and count its tokens."""
        self._control.counts.last_options = _options(body)
        usage = _usage(body, text)
        self._control.counts.people += len(request_data(body).get("people", ()))
        self._control.counts.prompt_tokens += usage["promptTokenCount"]
        self._control.counts.answer_tokens += usage["candidatesTokenCount"]
        response_body = BLOCKED if blocked else {"candidates": [_candidate(text)]}
        return {
            **response_body,
            "usageMetadata": usage,
            "modelVersion": model,
            "responseId": str(self._control.counts.calls),
        }


async def _body(request: web.Request) -> Mapping[str, Any] | None:
    try:
        body = await request.json()
    except json.JSONDecodeError:
        return None
    return body if isinstance(body, dict) and body.get("contents") else None


def _options(body: Mapping[str, Any]) -> dict[str, Any]:
    """Everything of a request but what was asked."""
    options = {name: value for name, value in body.items() if name not in {"contents", "systemInstruction"}}
    configuration = {name: value for name, value in body.get("generationConfig", {}).items() if "chema" not in name}
    return options | {"generationConfig": configuration}


def _candidate(text: str) -> dict[str, Any]:
    parts = [{"text": text}] if text else []
    return {"content": {"parts": parts, "role": "model"}, "finishReason": "STOP", "index": 0}


def _usage(body: Mapping[str, Any], text: str) -> dict[str, int]:
    """Estimate the tokens: about four characters per token."""
    prompt = len(json.dumps(body, ensure_ascii=False)) // 4
    candidate = -(-len(text) // 4)
    return {"promptTokenCount": prompt, "candidatesTokenCount": candidate, "totalTokenCount": prompt + candidate}


def error_response(status: int, message: str) -> web.Response:
    error = {"code": status, "message": message, "status": STATUS_NAMES[status]}
    return web.json_response({"error": error}, status=status)


def _control_routes(control: GeminiControl) -> list[web.RouteDef]:
    """`GET`, `POST` and `DELETE /control`: show, configure, reset."""

    async def show(_: web.Request) -> web.Response:
        return web.json_response(control.behaviour.model_dump() | asdict(control.counts))

    async def configure(request: web.Request) -> web.Response:
        try:
            control.configure(GeminiBehaviour.model_validate_json(await request.read()))
        except ValidationError as error:
            return error_response(400, str(error))
        return await show(request)

    async def reset(request: web.Request) -> web.Response:
        control.reset()
        return await show(request)

    return [web.get("/control", show), web.post("/control", configure), web.delete("/control", reset)]
