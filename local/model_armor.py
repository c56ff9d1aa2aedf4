"""A stand-in for Model Armor: it matches texts with a certain word, and can be away or answer badly."""

from __future__ import annotations

import asyncio
from typing import Any, Literal

from aiohttp import web

ArmorMode = Literal["works", "away", "nonsense", "partial", "hangs", "trickles"]
MATCHED = "poison"
SLOW_SECONDS = 1.0  # longer than the tests wait


def armor_application(mode: ArmorMode, seen: list[str]) -> web.Application:
    """The service. Each text that it is asked about is added to `seen`."""

    async def sanitize(request: web.Request) -> web.StreamResponse:
        """Answers as the mode says."""
        text = (await request.json())["modelResponseData"]["text"]
        seen.append(text)
        if mode == "hangs":
            await asyncio.sleep(SLOW_SECONDS)
        if mode == "trickles":
            return await _trickle(request)
        if mode == "away":
            return web.json_response({"error": {"code": 503}}, status=503)
        return web.json_response({"result": "fine"} if mode == "nonsense" else _answer(text, mode))

    application = web.Application()
    application.router.add_post("/v1/{template:.+}:sanitizeModelResponse", sanitize)
    return application


async def _trickle(request: web.Request) -> web.StreamResponse:
    """An answer that comes byte by byte, so that no single read takes long."""
    response = web.StreamResponse()
    await response.prepare(request)
    for _ in range(int(SLOW_SECONDS / 0.05)):
        await response.write(b" ")
        await asyncio.sleep(0.05)
    return response


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
