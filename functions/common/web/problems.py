"""Error responses: RFC 9457 problem details, with one entry for each invalid field."""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any, Self

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from common.catalogue.field_codes import FIELD_CODES, field_code
from common.errors import FieldError, HeraldError, TooManyRequests
from common.events import error_limit

log = logging.getLogger(__name__)
MEDIA_TYPE = "application/problem+json"


class ProblemField(BaseModel):
    """One invalid field of the request."""

    field: str
    code: str = Field(json_schema_extra={"enum": [*FIELD_CODES]})
    message: str
    limit: float | None = None  # of a length or number
    position: int | None = None  # in a rule, from 1
    suggestion: str | None = None  # what the whole field may be meant to be

    @classmethod
    def from_errors(cls, errors: Sequence[FieldError]) -> list[Self]:
        return [cls(**error.to_dict()) for error in errors]


class Problem(BaseModel):
    """Problem details (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[ProblemField] = []


def problem_response(
    status: int, detail: str, *, code: str = "about:blank", fields: Sequence[FieldError] = ()
) -> Response:
    """A problem response. `code` is the problem's type, a URI."""
    body: dict[str, Any] = {"type": code, "title": HTTPStatus(status).phrase, "status": status, "detail": detail}
    if fields:
        body["errors"] = [field.to_dict() for field in fields]
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else None
    return Response(json.dumps(body, ensure_ascii=False), status_code=status, media_type=MEDIA_TYPE, headers=headers)


def error_response(error: HeraldError) -> Response:
    """The problem response for an error."""
    response = problem_response(error.status, str(error), code=f"urn:herald:{error.code}", fields=error.fields)
    if isinstance(error, TooManyRequests):
        response.headers["Retry-After"] = str(error.retry_after)
    return response


def install_error_handlers(app: FastAPI) -> None:
    """Makes the application answer every error with a problem response."""
    app.add_exception_handler(HeraldError, _herald_error)
    app.add_exception_handler(RequestValidationError, _validation_error)
    app.add_exception_handler(HTTPException, _http_exception)
    app.add_exception_handler(Exception, _internal_error)


async def _herald_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HeraldError)
    if error.status >= 500:
        fields = {"event": "request_failed", "path": request.url.path, "reason": str(error)}
        log.error("request failed", extra=fields, exc_info=error)
    return error_response(error)


async def _validation_error(request: Request, error: Exception) -> Response:
    """One entry for each field that FastAPI refuses, with our codes."""
    assert isinstance(error, RequestValidationError)
    fields = [
        FieldError(
            field=_field_path(detail["loc"]),
            code=field_code(detail["type"]),
            message=detail["msg"],
            limit=error_limit(detail),
        )
        for detail in error.errors()
    ]
    return problem_response(422, "The request is not valid.", code="urn:herald:invalid", fields=fields)


def _field_path(location: Sequence[Any]) -> str:
    """`message.subject` for `("body", "message", "subject")`."""
    inside = location[1:] if location and location[0] in {"body", "query", "path", "header"} else location
    return ".".join(str(part) for part in inside) or "body"


async def _http_exception(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    response = problem_response(error.status_code, str(error.detail))
    response.headers.update(error.headers or {})
    return response


async def _internal_error(request: Request, error: Exception) -> Response:
    log.error("request failed", extra={"event": "request_failed", "path": request.url.path}, exc_info=error)
    return problem_response(500, "Internal error; it has been logged.")
