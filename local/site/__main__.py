"""`python -m local.site`"""

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
from local.site.files import file_response
from local.site.headers import Headers
from local.site.problems import problem
from local.site.proxy import Proxy
from local.site.rewrites import function_for, matcher
from local.topology import ROOT, TOPOLOGY, Topology


class Origin(Settings):
    port: int = Field(alias="PORT")
    project: str = Field(alias="GOOGLE_CLOUD_PROJECT")
    auth: str = Field(alias="FIREBASE_AUTH_EMULATOR_HOST")
    functions: Json[dict[str, str]] = Field(alias="FUNCTIONS", description="the URL of each function")
    topology: Path = Field(alias="TOPOLOGY", default=TOPOLOGY)
    folder: Path = Field(alias="SITE_FOLDER", default=ROOT / "static_site")

    def firebase(self) -> dict[str, str]:
        """What Firebase Hosting serves as the site's configuration, with the emulator's address."""
        return {
            "projectId": self.project,
            "apiKey": "local",
            "authDomain": f"{HOST}:{self.port}",
            "authEmulatorUrl": f"http://{self.auth}",
        }


def application(settings: Origin, proxy: Proxy, patterns: Sequence[tuple[re.Pattern[str], str]]) -> web.Application:
    async def configuration(request: web.Request) -> web.Response:
        return web.json_response(settings.firebase(), headers={"Cache-Control": "no-cache"})

    async def answer(request: web.Request) -> web.StreamResponse:
        function = function_for(request.path, patterns)
        if function:
            return await proxy.forward(request, function)
        if request.path.startswith("/api/"):
            return problem(404, f"There is no {request.path}.")
        if request.method not in ("GET", "HEAD"):
            return problem(405, f"{request.method} is not possible here.")
        return file_response(settings.folder, request.path)

    headers = Headers(emulator=f"http://{settings.auth}")

    async def secure(request: web.Request, response: web.StreamResponse) -> None:
        for name, value in headers.of(request.path).items():
            response.headers.setdefault(name, value)

    app = web.Application()
    app.on_response_prepare.append(secure)
    app.add_routes([web.get("/__/firebase/init.json", configuration), web.route("*", "/{path:.*}", answer)])
    return app


async def run(settings: Origin) -> None:
    patterns = matcher(Topology.read(settings.topology).rewrites)
    connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=1.0)  # gunicorn closes idle connections after 2 s
    async with aiohttp.ClientSession(connector=connector, auto_decompress=False) as session:
        await serve(application(settings, Proxy(settings.functions, session), patterns), settings.port)


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    uvloop.run(run(Origin.read(os.environ)))
