"""The static files that Firebase Hosting deploys, with `index.html` for every page of the application."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from aiohttp import web

from local.site.headers import HOSTING_CONFIG, read_hosting
from local.site.rewrites import compile_glob

CONTENT_TYPES = {".js": "text/javascript", ".mjs": "text/javascript", ".webmanifest": "application/manifest+json"}
COMPRESSED = {".css", ".html", ".js", ".mjs", ".svg", ".webmanifest"}


class SiteFiles:
    """The files of a folder, without those that `firebase.json` ignores."""

    def __init__(self, folder: Path, *, config: Path = HOSTING_CONFIG) -> None:
        self._folder = folder.resolve()
        self._ignored = [compile_glob(glob) for glob in read_hosting(config)["ignore"]]

    def response(self, path: str) -> web.StreamResponse:
        """Return the file at `path`. Without one, return `index.html` if the name has no dot, else 404."""
        file = self.find(path)
        if file is None:
            return web.Response(status=404, text="Not found.\n")
        content_type = CONTENT_TYPES.get(file.suffix)
        response = web.FileResponse(
            file, headers={"Content-Type": f"{content_type}; charset=utf-8"} if content_type else None
        )
        if file.suffix in COMPRESSED:
            response.enable_compression()
            response.headers["Vary"] = "Accept-Encoding"
        return response

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
