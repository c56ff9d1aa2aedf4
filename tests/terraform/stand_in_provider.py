"""Providers that serve Terraform from this process: the schemas are the real ones, the cloud is `SimulatedCloud`."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from typing import Any

import grpc

from tests.terraform.plugin_protocol import ERROR, MESSAGE, METHODS, NESTING, SERVICE, decode, encode
from tests.terraform.provider import BlockSchema, load_schema
from tests.terraform.provider_values import missing_arguments, null_values, plan_values, replaced_by, settle_values
from tests.terraform.simulated_cloud import CloudError, SimulatedCloud

PROVIDERS = ["archive", "google", "google-beta", "random", "time"]
TEXTS = ("project", "region", "billing_project")
PROVIDER_ARGUMENTS = {**dict.fromkeys(TEXTS, "string"), "user_project_override": "bool"}


class StandInProvider:
    """One provider. Each method answers the request of the same name."""

    def __init__(self, name: str, schema: Mapping[str, BlockSchema], cloud: SimulatedCloud) -> None:
        self._name = name
        self._types = {key.partition("/")[2]: block for key, block in schema.items() if key.startswith(f"{name}/")}
        self._cloud = cloud

    def answer(self, method: str) -> Callable[[Any, Any], Any]:
        """Return the handler of a method. What the cloud refuses is an error of the answer."""
        act: Callable[[Any], dict[str, Any]] = getattr(self, method, lambda request: {})
        response = MESSAGE[f"{method}Response"]

        def handle(request: Any, context: Any) -> Any:
            try:
                return response(**act(request))
            except CloudError as error:
                problem = MESSAGE["Problem"](severity=ERROR, summary=str(error))
                return response(diagnostics=[problem], **self._unchanged(method, request))

        return handle

    def _unchanged(self, method: str, request: Any) -> dict[str, Any]:
        return {"new_state": request.prior_state} if method == "ApplyResourceChange" else {}

    def _block(self, kind: str, request: Any) -> BlockSchema:
        return self._types[f"{kind}.{request.type_name}"]

    def GetProviderSchema(self, request: Any) -> dict[str, Any]:
        return {
            "provider": MESSAGE["Schema"](block=_block_message(self._provider_block())),
            "resource_schemas": self._schemas("resource"),
            "data_source_schemas": self._schemas("data"),
            "ephemeral_resource_schemas": self._schemas("ephemeral"),
        }

    def _provider_block(self) -> BlockSchema:
        arguments = PROVIDER_ARGUMENTS if self._name.startswith("google") else {}
        return {"attributes": {n: {"type": t, "optional": True} for n, t in arguments.items()}, "blocks": {}}

    def _schemas(self, kind: str) -> list[Any]:
        return [
            MESSAGE["SchemaByName"](key=name.partition(".")[2], value=MESSAGE["Schema"](block=_block_message(block)))
            for name, block in self._types.items()
            if name.startswith(f"{kind}.")
        ]

    def ValidateResourceConfig(self, request: Any) -> dict[str, Any]:
        missing = sorted(missing_arguments(self._block("resource", request), decode(request.config)))
        if missing:
            raise CloudError(f"Missing required argument: {', '.join(missing)}, of {request.type_name}")
        return {}

    def UpgradeResourceState(self, request: Any) -> dict[str, Any]:
        stored = json.loads(request.raw_state.json)
        block = self._block("resource", request)
        return {"upgraded_state": encode(null_values(block) | {n: v for n, v in stored.items() if n in _names(block)})}

    def ReadResource(self, request: Any) -> dict[str, Any]:
        current = decode(request.current_state)
        return {"new_state": encode(self._cloud.read(request.type_name, current))}

    def PlanResourceChange(self, request: Any) -> dict[str, Any]:
        block = self._block("resource", request)
        prior, proposed = decode(request.prior_state), decode(request.proposed_new_state)
        if proposed is None:
            return {"planned_state": encode(None)}
        planned = plan_values(block, proposed)
        names = sorted(replaced_by(block, prior, planned)) if prior is not None else []
        paths = [MESSAGE["Path"](steps=[MESSAGE["Step"](attribute_name=name)]) for name in names]
        return {"planned_state": encode(planned), "requires_replace": paths}

    def ApplyResourceChange(self, request: Any) -> dict[str, Any]:
        prior, planned = decode(request.prior_state), decode(request.planned_state)
        if planned is None:
            self._cloud.delete(request.type_name, prior)
            return {"new_state": encode(None)}
        decide = self._cloud.decisions(request.type_name, planned)
        values = settle_values(self._block("resource", request), planned, decide)
        if prior is None:
            self._cloud.create(request.type_name, values, decode(request.config))
        else:
            self._cloud.update(request.type_name, values)
        return {"new_state": encode(values)}

    def ImportResourceState(self, request: Any) -> dict[str, Any]:
        values = null_values(self._block("resource", request)) | self._cloud.find(request.type_name, request.id)
        return {"imported_resources": [MESSAGE["Imported"](type_name=request.type_name, state=encode(values))]}

    def ReadDataSource(self, request: Any) -> dict[str, Any]:
        block, config = self._block("data", request), decode(request.config)
        decide = self._cloud.decisions(request.type_name, config)
        return {"state": encode(settle_values(block, plan_values(block, config), decide))}

    def OpenEphemeralResource(self, request: Any) -> dict[str, Any]:
        config = decode(request.config)
        password = secrets.token_hex(int(config["length"]) // 2)
        return {"result": encode({**config, "result": password, "bcrypt_hash": ""})}


def _names(block: BlockSchema) -> set[str]:
    return {*block["attributes"], *block["blocks"]}


def _block_message(block: BlockSchema) -> Any:
    """Convert a schema to the messages of the protocol."""
    flags = ("required", "optional", "computed", "sensitive", "write_only")
    attributes = [
        MESSAGE["Attribute"](
            name=name,
            type=json.dumps(attribute["type"]).encode(),
            **{flag: True for flag in flags if attribute.get(flag)},
        )
        for name, attribute in block["attributes"].items()
    ]
    nested = [
        MESSAGE["NestedBlock"](
            type_name=name,
            block=_block_message(inner["block"]),
            nesting=NESTING[inner["mode"]],
            min_items=inner.get("min", 0),
            max_items=inner.get("max", 0),
        )
        for name, inner in block["blocks"].items()
    ]
    return MESSAGE["Block"](attributes=attributes, block_types=nested)


@contextmanager
def serve_providers(cloud: SimulatedCloud, version: str) -> Iterator[dict[str, str]]:
    """Serve all providers of one version, and yield the environment in which Terraform uses them."""
    schema = load_schema(version)
    with ExitStack() as stack:
        addresses = {
            f"registry.terraform.io/hashicorp/{name}": stack.enter_context(_serve(StandInProvider(name, schema, cloud)))
            for name in PROVIDERS
        }
        yield {"TF_REATTACH_PROVIDERS": json.dumps(addresses)}


@contextmanager
def _serve(provider: StandInProvider) -> Iterator[dict[str, Any]]:
    """Serve a provider on a free port, and yield its address in the form that Terraform reads."""
    server = grpc.server(ThreadPoolExecutor(max_workers=10))
    handlers = {
        method: grpc.unary_unary_rpc_method_handler(
            provider.answer(method),
            request_deserializer=MESSAGE[f"{method}Request"].FromString,
            response_serializer=lambda message: message.SerializeToString(),
        )
        for method in METHODS
    }
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(SERVICE, handlers),))
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    address = {"Network": "tcp", "String": f"127.0.0.1:{port}"}
    try:
        yield {"Protocol": "grpc", "ProtocolVersion": 6, "Pid": os.getpid(), "Test": True, "Addr": address}
    finally:
        server.stop(grace=None).wait()
