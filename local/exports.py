"""What Firestore held, kept between runs: exports of the emulator, of which the newest good one is imported.

An export is written beside the others and gets its final name only when it is complete.
"""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path

import aiohttp

KEPT = 2
NAME = "firestore"
METADATA = f"{NAME}/{NAME}.overall_export_metadata"
BROKEN = "broken-"


class ExportError(Exception):
    """Firestore could not be exported."""


class Exports:
    def __init__(self, folder: Path, project: str) -> None:
        self._folder = folder.resolve()
        self._project = project

    def metadata(self) -> list[Path]:
        """What `--import-data` takes, newest first."""
        return [export / METADATA for export in reversed(self._complete())]

    def _complete(self) -> list[Path]:
        exports = sorted(self._folder.glob("[0-9]*")) if self._folder.is_dir() else []
        return [export for export in exports if (export / METADATA).is_file()]

    def set_aside(self, metadata: Path) -> None:
        """One that could not be imported; it stays for whoever wants to look into it."""
        export = metadata.parent.parent
        export.rename(export.with_name(f"{BROKEN}{export.name}"))

    async def save(self, firestore: str) -> None:
        """Raises `ExportError` when it cannot; whatever ends it early, the exports there are stay as they were."""
        partial = self._folder / "partial"
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
        await self._export(firestore, partial)
        partial.rename(self._folder / f"{datetime.now(UTC):%Y%m%dT%H%M%S.%f}")
        for old in self._complete()[:-KEPT]:
            shutil.rmtree(old)

    async def _export(self, firestore: str, to: Path) -> None:
        url = f"http://{firestore}/emulator/v1/projects/{self._project}:export"
        database = f"projects/{self._project}/databases/(default)"
        body = {"database": database, "export_directory": str(to), "export_name": NAME}
        async with (
            aiohttp.ClientSession() as session,
            session.post(url, data=json.dumps(body), headers={"Content-Type": "application/json"}) as answer,
        ):
            if answer.status != 200 or not (to / METADATA).is_file():
                raise ExportError(f"Firestore was not exported: {answer.status} {await answer.text()}")
