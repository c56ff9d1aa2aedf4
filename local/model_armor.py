"""A stand-in for Model Armor: it matches texts with a certain word, and can be away or answer badly."""

from __future__ import annotations

from typing import Any, Literal

from aiohttp import web

ArmorMode = Literal["works", "away", "nonsense", "partial"]
MATCHED = "poison"


def armor_application(mode: ArmorMode, seen: list[str]) -> web.Application:
    """The service. Each text that it is asked about is added to `seen`."""

    async def sanitize(request: web.Request) -> web.Response:
        text = (await request.json())["modelResponseData"]["text"]
        seen.append(text)
        if mode == "away":
            return web.json_response({"error": {"code": 503}}, status=503)
        return web.json_response({"result": "fine"} if mode == "nonsense" else _answer(text, mode))

    application = web.Application()
    application.router.add_post("/v1/{template:.+}:sanitizeModelResponse", sanitize)
    return application


def _answer(text: str, mode: ArmorMode) -> dict[str, Any]:
    """An answer in the documented shape."""
    state = "MATCH_FOUND" if MATCHED in text else "NO_MATCH_FOUND"
    return {
        "sanitizationResult": {
            "filterMatchState": state,
            "invocationResult": "PARTIAL" if mode == "partial" else "SUCCESS",
            "filterResults": {
                "rai": {"raiFilterResult": {"executionState": "EXECUTION_SUCCESS", "matchState": state}},
                "csam": {"csamFilterFilterResult": {"matchState": "NO_MATCH_FOUND"}},
            },
        }
    }
