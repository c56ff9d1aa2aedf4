"""Imports over HTTP: how far they have come, and what became of each row."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

from fastapi import APIRouter
from fastapi.responses import StreamingResponse
from pydantic import BaseModel

from common.access import Manager, Viewer

from .columns import REJECTED
from .exports import written_row
from .imports import State, What
from .services import With

router = APIRouter(prefix="/api/imports", tags=["imports"])


class ImportStatus(BaseModel):
    id: str
    what: What
    state: State  # broken: the upload broke off, and nothing of it was brought in
    dry_run: bool
    by: str
    at: datetime
    rows: int
    done: int  # rows that have their answer
    created: int
    updated: int
    unchanged: int
    counted: int
    duplicate: int
    rejected: int
    columns: dict[str, str] = {}


@router.get("/{import_id}", operation_id="get_import")
async def get_import(import_id: str, services: With, member: Viewer) -> ImportStatus:
    """How far an import has come. It is kept for 7 days."""
    return ImportStatus.model_validate(await services.imports.status(import_id))


@router.get("/{import_id}/results", operation_id="get_import_results", response_class=StreamingResponse)
async def get_results(import_id: str, services: With, member: Manager) -> StreamingResponse:
    """What became of each row that is done, as NDJSON; in no particular order."""
    _, results = await services.imports.results(import_id)
    return StreamingResponse(_ndjson(results), media_type="application/x-ndjson")


async def _ndjson(results: AsyncIterator[dict[str, Any]]) -> AsyncIterator[str]:
    async for one in results:
        yield json.dumps({name: value for name, value in one.items() if name != "sent"}) + "\n"


@router.get("/{import_id}/rejected.csv", operation_id="get_rejected_rows", response_class=StreamingResponse)
async def get_rejected(import_id: str, services: With, member: Manager) -> StreamingResponse:
    """The rejected rows as they were sent, with the number of each and the reason, to be put right and sent again."""
    headers, results = await services.imports.results(import_id)
    return StreamingResponse(_rejected(results, headers), media_type="text/csv; charset=utf-8")


async def _rejected(results: AsyncIterator[dict[str, Any]], headers: list[str]) -> AsyncIterator[str]:
    yield written_row([*headers, *REJECTED])
    async for one in results:
        if one["status"] == "rejected":
            reason = "; ".join(f"{error['field']}: {error['message']}" for error in one["errors"])
            yield written_row([*((one["sent"] or {}).get(header) for header in headers), one["row"], reason])
