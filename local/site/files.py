"""The static files, with `index.html` for every path that is a page of the application."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from aiohttp import web

TYPES = {".js": "text/javascript", ".mjs": "text/javascript", ".webmanifest": "application/manifest+json"}


def file_response(folder: Path, path: str) -> web.StreamResponse:
    """The file at `path`, the application's page where there is none and the name has no dot, else 404."""
    file = _found(folder, path)
    if file is None:
        return web.Response(status=404, text="Not found.\n")
    known = TYPES.get(file.suffix)
    return web.FileResponse(file, headers={"Content-Type": f"{known}; charset=utf-8"} if known else None)


def _found(folder: Path, path: str) -> Path | None:
    file = (folder / path.lstrip("/")).resolve()
    if file.is_relative_to(folder.resolve()) and file.is_file():
        return file
    page = folder / "index.html"
    return page if "." not in PurePosixPath(path).name and page.is_file() else None
