"""Gemini's REST protocol, as far as `generateContent` goes."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from aiohttp import web
from pydantic import ValidationError

from local.gemini.answers import answer, data_of
from local.gemini.behaviour import Behaviour, Control

ERRORS = {
    400: "INVALID_ARGUMENT",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    429: "RESOURCE_EXHAUSTED",
    503: "UNAVAILABLE",
}
REFUSALS = {
    "refuse": (429, "You exceeded your current quota, please check your plan and billing details."),
    "unavailable": (503, "The model is overloaded. Please try again later."),
}
BLOCKED: Mapping[str, Any] = {"promptFeedback": {"blockReason": "PROHIBITED_CONTENT"}}
MOST_BYTES = 20_000_000


def application(control: Control) -> web.Application:
    app = web.Application(client_max_size=MOST_BYTES)
    generate = Generation(control).generate
    app.add_routes([web.post(f"/{version}/models/{{model}}:generateContent", generate) for version in ("v1", "v1beta")])
    app.add_routes(_control_routes(control))
    return app


class Generation:
    def __init__(self, control: Control) -> None:
        self._control = control

    async def generate(self, request: web.Request) -> web.Response:
        if not request.headers.get("x-goog-api-key"):
            return failure(403, "Method doesn't allow unregistered callers.")
        model = request.match_info["model"]
        if not model.startswith("gemini-"):
            return failure(404, f"models/{model} is not found for API version v1beta.")
        body = await _body(request)
        if body is None:
            return failure(400, "GenerateContentRequest.contents: contents is not specified")
        return await self._answer(model, body)

    async def _answer(self, model: str, body: Mapping[str, Any]) -> web.Response:
        behaviour = self._control.next()
        await asyncio.sleep(behaviour.delay)
        if behaviour.mode in REFUSALS:
            return failure(*REFUSALS[behaviour.mode])
        return web.json_response(self._response(model, body, behaviour))

    def _response(self, model: str, body: Mapping[str, Any], behaviour: Behaviour) -> dict[str, Any]:
        blocked = behaviour.mode == "blocked"
        text = "" if blocked else answer(body, behaviour.mode)
        usage = _usage(body, text)
        self._control.counts.people += len(data_of(body).get("people", ()))
        self._control.counts.prompt_tokens += usage["promptTokenCount"]
        self._control.counts.answer_tokens += usage["candidatesTokenCount"]
        said = BLOCKED if blocked else {"candidates": [_candidate(text)]}
        return {**said, "usageMetadata": usage, "modelVersion": model, "responseId": str(self._control.counts.calls)}


async def _body(request: web.Request) -> Mapping[str, Any] | None:
    try:
        body = await request.json()
    except json.JSONDecodeError:
        return None
    return body if isinstance(body, dict) and body.get("contents") else None


def _candidate(text: str) -> dict[str, Any]:
    parts = [{"text": text}] if text else []
    return {"content": {"parts": parts, "role": "model"}, "finishReason": "STOP", "index": 0}


def _usage(body: Mapping[str, Any], text: str) -> dict[str, int]:
    """About four characters make a token."""
    prompt = len(json.dumps(body, ensure_ascii=False)) // 4
    said = -(-len(text) // 4)
    return {"promptTokenCount": prompt, "candidatesTokenCount": said, "totalTokenCount": prompt + said}


def failure(status: int, message: str) -> web.Response:
    error = {"code": status, "message": message, "status": ERRORS[status]}
    return web.json_response({"error": error}, status=status)


def _control_routes(control: Control) -> list[web.RouteDef]:
    async def show(_: web.Request) -> web.Response:
        return web.json_response(control.behaviour.model_dump() | asdict(control.counts))

    async def tell(request: web.Request) -> web.Response:
        try:
            control.tell(Behaviour.model_validate_json(await request.read()))
        except ValidationError as error:
            return failure(400, str(error))
        return await show(request)

    async def reset(request: web.Request) -> web.Response:
        control.reset()
        return await show(request)

    return [web.get("/control", show), web.post("/control", tell), web.delete("/control", reset)]
