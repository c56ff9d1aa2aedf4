"""Exports of the Firestore emulator, saved between runs. The newest valid export is imported at the start.

The main database is imported when the emulator starts, and the access database by a request after that. An export is
written to a temporary folder and gets its final name when it is complete.
"""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path

import aiohttp

from local.config import ACCESS_DATABASE

MAX_EXPORTS = 2
EXPORT_NAME = "firestore"
ACCESS_EXPORT_NAME = "access"
METADATA = f"{EXPORT_NAME}/{EXPORT_NAME}.overall_export_metadata"
ACCESS_METADATA = f"{ACCESS_EXPORT_NAME}/{ACCESS_EXPORT_NAME}.overall_export_metadata"
BROKEN_PREFIX = "broken-"


class ExportError(Exception):
    """Firestore could not be exported, or not be imported."""


class Exports:
    """The exports in a folder, one subfolder each."""

    def __init__(self, folder: Path, project: str) -> None:
        self._folder = folder.resolve()
        self._project = project

    def metadata_files(self) -> list[Path]:
        """Return the files for `--import-data`, newest first."""
        return [export / METADATA for export in reversed(self._complete_exports())]

    def _complete_exports(self) -> list[Path]:
        exports = sorted(self._folder.glob("[0-9]*")) if self._folder.is_dir() else []
        return [export for export in exports if (export / METADATA).is_file()]

    def mark_broken(self, metadata_file: Path) -> None:
        """Rename an export that could not be imported. It stays available for inspection."""
        export = metadata_file.parent.parent
        export.rename(export.with_name(f"{BROKEN_PREFIX}{export.name}"))

    async def save(self, firestore: str) -> None:
        """Export the emulator and delete old exports. Raise `ExportError`; existing exports then stay unchanged."""
        partial = self._folder / "partial"
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
        await self._export(firestore, partial, ACCESS_DATABASE, ACCESS_EXPORT_NAME)
        await self._export(firestore, partial, "(default)", EXPORT_NAME)
        partial.rename(self._folder / f"{datetime.now(UTC):%Y%m%dT%H%M%S.%f}")
        for old in self._complete_exports()[:-MAX_EXPORTS]:
            shutil.rmtree(old)

    async def _export(self, firestore: str, target: Path, database: str, name: str) -> None:
        """Let the emulator write a database to `target`. Raise `ExportError`."""
        await self._call(firestore, "export", database, export_directory=str(target), export_name=name)
        if not (target / name / f"{name}.overall_export_metadata").is_file():
            raise ExportError("The export of Firestore has no metadata.")

    async def restore_access(self, firestore: str, metadata_file: Path) -> None:
        """Import the access database of an export into the running emulator. Raise `ExportError`.

        Exports that were saved before there was a second database have none.
        """
        file = metadata_file.parent.parent / ACCESS_METADATA
        if file.is_file():
            await self._call(firestore, "import", ACCESS_DATABASE, export_directory=str(file))

    async def _call(self, firestore: str, action: str, database: str, **arguments: str) -> None:
        url = f"http://{firestore}/emulator/v1/projects/{self._project}:{action}"
        body = {"database": f"projects/{self._project}/databases/{database}", **arguments}
        async with (
            aiohttp.ClientSession() as session,
            session.post(url, data=json.dumps(body), headers={"Content-Type": "application/json"}) as response,
        ):
            if response.status != 200:
                raise ExportError(f"The {action} of Firestore failed: {response.status} {await response.text()}")
