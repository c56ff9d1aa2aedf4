"""Errors over HTTP: RFC 9457 problem details, with one entry for each bad field."""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from common.errors import FieldError, HeraldError

log = logging.getLogger(__name__)
MEDIA_TYPE = "application/problem+json"


class ProblemField(BaseModel):
    field: str
    code: str
    message: str


class Problem(BaseModel):
    """RFC 9457."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[ProblemField] = []


def problem(status: int, detail: str, *, code: str = "about:blank", fields: Sequence[FieldError] = ()) -> Response:
    body: dict[str, Any] = {"type": code, "title": HTTPStatus(status).phrase, "status": status, "detail": detail}
    if fields:
        body["errors"] = [{"field": one.field, "code": one.code, "message": one.message} for one in fields]
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else None
    return Response(json.dumps(body, ensure_ascii=False), status_code=status, media_type=MEDIA_TYPE, headers=headers)


def problem_of(error: HeraldError) -> Response:
    return problem(error.status, str(error), code=f"urn:herald:{error.code}", fields=error.fields)


def install(app: FastAPI) -> None:
    """From here on the application answers every error as a problem."""
    app.add_exception_handler(HeraldError, _herald_error)
    app.add_exception_handler(RequestValidationError, _validation_error)
    app.add_exception_handler(HTTPException, _http_exception)
    app.add_exception_handler(Exception, _unexpected)


async def _herald_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HeraldError)
    if error.status >= 500:
        log.error("request failed", extra={"path": request.url.path, "reason": str(error)}, exc_info=error)
    return problem_of(error)


async def _validation_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    fields = [FieldError(field=_place(one["loc"]), code=one["type"], message=one["msg"]) for one in error.errors()]
    return problem(422, "What was sent is not valid.", code="urn:herald:invalid", fields=fields)


def _place(location: Sequence[Any]) -> str:
    """`("body", "message", "subject")` is the field `message.subject`."""
    inside = location[1:] if location and location[0] in {"body", "query", "path", "header"} else location
    return ".".join(str(part) for part in inside) or "body"


async def _http_exception(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    answer = problem(error.status_code, str(error.detail))
    answer.headers.update(error.headers or {})
    return answer


async def _unexpected(request: Request, error: Exception) -> Response:
    log.error("request failed", extra={"path": request.url.path}, exc_info=error)
    return problem(500, "Something went wrong on our side; it has been logged.")
