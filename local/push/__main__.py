"""`python -m local.push`: one process for all subscriptions.

It serves its certificates at `/certs` and its counters at `/`.
"""

from __future__ import annotations

import asyncio
import logging
import os
from functools import partial
from pathlib import Path

import uvloop
from aiohttp import web
from pydantic import Field, Json

from common.settings import Settings
from local.push.broker import Broker
from local.push.connections import Connections
from local.push.issuer import Issuer
from local.push.subscription import PushSubscription
from local.serving import serve
from local.topology import TOPOLOGY, Topology


class PushServiceSettings(Settings):
    """The settings of the push service."""

    port: int = Field(alias="PORT")
    project: str = Field(alias="GOOGLE_CLOUD_PROJECT")
    pubsub: str = Field(alias="PUBSUB_EMULATOR_HOST")
    issuer: str = Field(alias="PUSH_ISSUER", description="the base URL of /certs")
    identity: str = Field(alias="PUSH_IDENTITY", description="e-mail of the service account that pushes")
    functions: Json[dict[str, str]] = Field(alias="FUNCTIONS", description="the URL of each function")
    topology: Path = Field(alias="TOPOLOGY", default=TOPOLOGY)
    duplicate_share: float = Field(alias="PUSH_DUPLICATE_SHARE", default=0.0, ge=0, le=1)
    late_copy_share: float = Field(
        alias="PUSH_LATE_COPY_SHARE", default=0.0, ge=0, le=1, description="posted again after an acknowledgement"
    )
    late_copy_seconds: float = Field(alias="PUSH_LATE_COPY_SECONDS", default=60.0, ge=0)


def build_subscriptions(settings: PushServiceSettings, issuer: Issuer, broker: Broker) -> dict[str, PushSubscription]:
    """Return the subscriptions of functions that have a URL. The URL is also the audience of the tokens."""
    subscriptions = {}
    for name, definition in Topology.read(settings.topology).subscriptions.items():
        target = settings.functions.get(definition.function)
        if target:
            subscriptions[name] = PushSubscription(
                name,
                definition,
                project=settings.project,
                broker=broker,
                connections=Connections(target),
                token=partial(issuer.token, target),
                duplicate_share=settings.duplicate_share,
                late_copy_share=settings.late_copy_share,
                late_copy_seconds=settings.late_copy_seconds,
            )
    return subscriptions


def application(issuer: Issuer, subscriptions: dict[str, PushSubscription]) -> web.Application:
    """The HTTP interface: the certificates and the counters."""

    async def certificates(request: web.Request) -> web.Response:
        return web.json_response(issuer.certificates(), headers={"Cache-Control": "public, max-age=3600"})

    async def status(request: web.Request) -> web.Response:
        return web.json_response({name: subscription.status() for name, subscription in subscriptions.items()})

    app = web.Application()
    app.add_routes([web.get("/certs", certificates), web.get("/", status)])
    return app


async def run(settings: PushServiceSettings) -> None:
    """Run all subscriptions and the HTTP server until a signal arrives."""
    issuer = Issuer(settings.issuer, settings.identity)
    broker = Broker(settings.pubsub)
    subscriptions = build_subscriptions(settings, issuer, broker)
    pumps = [asyncio.create_task(subscription.run()) for subscription in subscriptions.values()]
    try:
        await serve(application(issuer, subscriptions), settings.port, alongside=pumps)
    finally:
        for pump in pumps:
            pump.cancel()
        await asyncio.gather(*(subscription.close() for subscription in subscriptions.values()))
        await broker.close()


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    uvloop.run(run(PushServiceSettings.read(os.environ)))
