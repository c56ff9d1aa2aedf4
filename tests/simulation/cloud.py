"""The functions' instances, on one database: two of each, which are replaced when they die."""

from __future__ import annotations

import asyncio
import base64
import json
import random
from collections.abc import Awaitable, Callable
from functools import cache
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from campaigns.composition import CampaignsSettings
from common.pubsub.push import parse_envelope
from common.storage.memory import MemoryDocuments
from customers.composition import CustomersFunction, CustomersSettings
from local.push.issuer import Issuer
from local.topology import Topology
from personalization.composition import PersonalizationFunction, PersonalizationSettings
from receipts.composition import ReceiptsFunction, ReceiptsSettings
from tests.simulation.audience import SimulatedCampaigns
from tests.simulation.instance import Instance, describe_event, handled
from tests.support import SETTINGS, FakeModel, identity_from_token
from vendor.composition import VendorFunction, VendorSettings

AUDIENCE, IDENTITY = "https://herald/push", "push@herald.example"
INSTANCES = 2
ENDPOINTS = {
    "fan_out": "fan_out_endpoint",
    "tick": "tick_endpoint",
    "personalize": "personalize_endpoint",
    "deliver": "deliver_endpoint",
    "record": "record_endpoint",
    "dead_letter": "dead_letter_endpoint",
    "ingest": "ingest_endpoint",
}
Endpoint = Callable[[Request], Awaitable[Response]]
Connect = Callable[[Instance], dict[str, Any]]
"""The arguments of the composition roots that differ between instances."""


@cache
def _issuer() -> Issuer:
    return Issuer("https://issuer.example", IDENTITY)


@cache
def push_settings() -> dict[str, str]:
    """The settings with which a function accepts the pushes of this issuer."""
    certificates = base64.b64encode(json.dumps(_issuer().certificates()).encode()).decode()
    return {
        "PUSH_AUDIENCE": AUDIENCE,
        "PUSH_IDENTITY": IDENTITY,
        "PUSH_ISSUER": _issuer().url,
        "PUSH_CERTS_URL": f"data:application/json;base64,{certificates}",
    }


class Cloud:
    """Runs the instances. `create` makes the process of a function; `connect` gives it its connections."""

    def __init__(
        self, *, create: Callable[[str, int], Instance], connect: Connect, settings: dict[str, str], dice: random.Random
    ) -> None:
        self._create = create
        self._connect = connect
        self._settings = SETTINGS | push_settings() | settings
        self._dice = dice
        self._count = 0
        self._topology = Topology.read()
        self.instances: dict[str, list[tuple[Instance, Any]]] = {
            function: [self._start(function) for _ in range(INSTANCES)]
            for function in ("campaigns", "customers", "receipts", *ENDPOINTS)
        }

    def _start(self, function: str) -> tuple[Instance, Any]:
        self._count += 1
        instance = self._create(function, self._count)
        return instance, self._compose(instance)

    def _compose(self, instance: Instance) -> Any:
        """The composed function of a new process."""
        ports = self._connect(instance)
        vendors, monotonic = ports.pop("vendors"), ports.pop("monotonic")
        page_size = ports.pop("page_size")
        settings = self._settings | self._attempts(instance.function)
        match instance.function:
            case "campaigns" | "fan_out" | "tick":
                return SimulatedCampaigns(
                    **ports,
                    open_access=MemoryDocuments,
                    create_model=FakeModel,
                    verify_id_token=identity_from_token,
                    settings=CampaignsSettings(settings),
                    monotonic=monotonic,
                    page_size=page_size,
                    fan_out_seconds=1e9,
                )
            case "customers" | "ingest":
                return CustomersFunction(
                    **ports,
                    open_access=MemoryDocuments,
                    verify_id_token=identity_from_token,
                    settings=CustomersSettings(settings),
                )
            case "personalize":
                return PersonalizationFunction(
                    **ports,
                    model=FakeModel(),
                    settings=PersonalizationSettings(settings),
                    linger=0,
                    monotonic=monotonic,
                )
            case "deliver":
                return VendorFunction(**ports, vendors=vendors, settings=VendorSettings(settings), monotonic=monotonic)
        return ReceiptsFunction(**ports, settings=ReceiptsSettings(settings), monotonic=monotonic)

    def _attempts(self, function: str) -> dict[str, str]:
        """The delivery after which the function itself writes a dead letter, where the story wants that."""
        if "PUSH_ATTEMPTS" not in self._settings:
            return {}
        found = [s.max_delivery_attempts for s in self._topology.subscriptions.values() if s.function == function]
        return {"PUSH_ATTEMPTS": str(found[0])} if found and found[0] else {}

    def pick(self, function: str) -> tuple[Instance, Any]:
        """One of the function's instances; one that has died is replaced."""
        number = self._dice.randrange(INSTANCES)
        if not self.instances[function][number][0].alive:
            self.instances[function][number] = self._start(function)
        return self.instances[function][number]

    def kill(self, function: str) -> None:
        """One instance dies, with everything in its memory."""
        self.pick(function)[0].die()

    async def post(self, function: str, body: bytes) -> int:
        """Delivers a push request to an instance; the status of its response, or 504 after the deadline."""
        instance, composed = self.pick(function)
        if instance.faults.outage("function", function):
            return 503
        message = parse_envelope(body)
        handled.set(describe_event(message.subscription, message.data))
        deadline = self._topology.subscriptions[message.subscription].ack_deadline_seconds
        task = asyncio.create_task(_respond(getattr(composed, ENDPOINTS[function]), body))
        try:
            return await asyncio.wait_for(asyncio.shield(task), deadline)
        except TimeoutError:
            return 504


async def _respond(endpoint: Endpoint, body: bytes) -> int:
    """Calls an endpoint as Cloud Run does."""
    headers = [(b"authorization", f"Bearer {_issuer().token(AUDIENCE)}".encode())]
    scope = {"type": "http", "method": "POST", "path": "/", "query_string": b"", "headers": headers}

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    return (await endpoint(Request(scope, receive))).status_code
