"""Errors of the server itself, in the format of the API."""

from __future__ import annotations

import json
from http import HTTPStatus

from aiohttp import web


def problem(status: int, detail: str) -> web.Response:
    """Return a problem detail (RFC 9457)."""
    title = HTTPStatus(status).phrase
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail, "errors": []}
    return web.Response(status=status, text=json.dumps(body), content_type="application/problem+json")
