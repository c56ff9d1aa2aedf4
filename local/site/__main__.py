"""`python -m local.site`: serve the site and its API."""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Sequence
from pathlib import Path

import aiohttp
import uvloop
from aiohttp import web
from pydantic import Field, Json

from common.settings import Settings
from local.serving import HOST, serve
from local.site.files import SiteFiles
from local.site.headers import HostingHeaders
from local.site.problems import problem
from local.site.proxy import FunctionProxy
from local.site.rewrites import compile_rewrites, function_for
from local.topology import ROOT, TOPOLOGY, Topology


class SiteSettings(Settings):
    """The settings of the site's server."""

    port: int = Field(alias="PORT")
    project: str = Field(alias="GOOGLE_CLOUD_PROJECT")
    auth: str = Field(alias="FIREBASE_AUTH_EMULATOR_HOST")
    functions: Json[dict[str, str]] = Field(alias="FUNCTIONS", description="the URL of each function")
    topology: Path = Field(alias="TOPOLOGY", default=TOPOLOGY)
    folder: Path = Field(alias="SITE_FOLDER", default=ROOT / "static_site")

    def firebase(self) -> dict[str, str]:
        """Return the configuration that Firebase Hosting serves, with the address of the Auth emulator."""
        return {
            "projectId": self.project,
            "apiKey": "local",
            "authDomain": f"{HOST}:{self.port}",
            "authEmulatorUrl": f"http://{self.auth}",
        }


def application(
    settings: SiteSettings, proxy: FunctionProxy, patterns: Sequence[tuple[re.Pattern[str], str]]
) -> web.Application:
    """Return the application: the configuration, the functions, and the static files with their headers."""

    async def configuration(request: web.Request) -> web.Response:
        return web.json_response(settings.firebase(), headers={"Cache-Control": "no-cache"})

    async def answer(request: web.Request) -> web.StreamResponse:
        function = function_for(request.path, patterns)
        if function:
            return await proxy.forward(request, function)
        if request.path.startswith("/api/"):
            return problem(404, f"Not found: {request.path}.")
        if request.method not in ("GET", "HEAD"):
            return problem(405, f"Method not allowed: {request.method}.")
        return files.response(request.path, request.headers)

    files = SiteFiles(settings.folder)
    headers = HostingHeaders(emulator=f"http://{settings.auth}")

    async def secure(request: web.Request, response: web.StreamResponse) -> None:
        for name, value in headers.for_path(request.path).items():
            response.headers.setdefault(name, value)

    app = web.Application()
    app.on_response_prepare.append(secure)
    app.add_routes([web.get("/__/firebase/init.json", configuration), web.route("*", "/{path:.*}", answer)])
    return app


async def run(settings: SiteSettings) -> None:
    patterns = compile_rewrites(Topology.read(settings.topology).rewrites)
    connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=1.0)  # gunicorn closes idle connections after 2 s
    async with aiohttp.ClientSession(connector=connector, auto_decompress=False) as session:
        await serve(application(settings, FunctionProxy(settings.functions, session), patterns), settings.port)


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    uvloop.run(run(SiteSettings.read(os.environ)))
