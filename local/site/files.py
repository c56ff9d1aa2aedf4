"""The static files that Firebase Hosting deploys, with `index.html` for every page of the application."""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path, PurePosixPath
from types import MappingProxyType

from aiohttp import web

from local.site.headers import HOSTING_CONFIG, read_hosting
from local.site.rewrites import compile_glob

CONTENT_TYPES = {
    ".css": "text/css",
    ".html": "text/html",
    ".js": "text/javascript",
    ".mjs": "text/javascript",
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
}


class SiteFiles:
    """The files of a folder, without those that `firebase.json` ignores."""

    def __init__(self, folder: Path, *, config: Path = HOSTING_CONFIG) -> None:
        self._folder = folder.resolve()
        self._ignored = [compile_glob(glob) for glob in read_hosting(config)["ignore"]]

    def response(self, path: str, headers: Mapping[str, str] = MappingProxyType({})) -> web.StreamResponse:
        """Return the file at `path`. Without one, return `index.html` if the name has no dot, else 404. Texts are
        compressed if the request's `headers` allow it."""
        file = self.find(path)
        if file is None:
            return web.Response(status=404, text="Not found.\n")
        content_type = CONTENT_TYPES.get(file.suffix)
        if content_type and "gzip" in headers.get("Accept-Encoding", ""):
            return _compressed_response(file, content_type, headers.get("If-None-Match"))
        return web.FileResponse(
            file, headers={"Content-Type": f"{content_type}; charset=utf-8"} if content_type else None
        )

    def find(self, path: str) -> Path | None:
        """Return the file for `path`: the file itself, `index.html`, or None."""
        file = (self._folder / path.lstrip("/")).resolve()
        if file.is_file() and self._is_deployed(file):
            return file
        page = self._folder / "index.html"
        return page if "." not in PurePosixPath(path).name and page.is_file() else None

    def _is_deployed(self, file: Path) -> bool:
        if not file.is_relative_to(self._folder):
            return False
        path = f"/{file.relative_to(self._folder).as_posix()}"
        return not any(pattern.fullmatch(path) for pattern in self._ignored)


def _compressed_response(file: Path, content_type: str, known: str | None) -> web.Response:
    """The file as Hosting sends it, or 304 if the client has this version."""
    modified = file.stat().st_mtime_ns
    headers = {"ETag": f'"{modified:x}"', "Vary": "Accept-Encoding"}
    if known == headers["ETag"]:
        return web.Response(status=304, headers=headers)
    headers |= {"Content-Type": f"{content_type}; charset=utf-8", "Content-Encoding": "gzip"}
    return web.Response(body=_compress(file, modified), headers=headers)


@lru_cache(maxsize=1024)
def _compress(file: Path, modified: int) -> bytes:
    """The compressed bytes. `modified` makes the cache forget a file that has changed."""
    return gzip.compress(file.read_bytes())
