"""The messages of Terraform's plug-in protocol, version 6, as far as a provider needs them.

The framework `tf` on PyPI does not fit: it has no lists of blocks, no ephemeral resources and no write-only arguments,
and it needs a version of protobuf that is older than ours.
"""

from __future__ import annotations

import re
from typing import Any

import msgpack
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

MESSAGES = """
Value: msgpack 1 bytes, json 2 bytes
Step: attribute_name 1 string
Path: steps 1 *Step
Problem: severity 1 int64, summary 2 string, detail 3 string
RawState: json 1 bytes
Attribute: name 1 string, type 2 bytes, required 4 bool, optional 5 bool, computed 6 bool, sensitive 7 bool, \
write_only 11 bool
NestedBlock: type_name 1 string, block 2 Block, nesting 3 int64, min_items 4 int64, max_items 5 int64
Block: version 1 int64, attributes 2 *Attribute, block_types 3 *NestedBlock
Schema: version 1 int64, block 2 Block
SchemaByName: key 1 string, value 2 Schema
Capabilities: plan_destroy 1 bool
Imported: type_name 1 string, state 2 Value
GetProviderSchemaRequest:
GetProviderSchemaResponse: provider 1 Schema, resource_schemas 2 *SchemaByName, data_source_schemas 3 *SchemaByName, \
diagnostics 4 *Problem, server_capabilities 6 Capabilities, ephemeral_resource_schemas 8 *SchemaByName
ValidateProviderConfigRequest: config 1 Value
ValidateProviderConfigResponse: diagnostics 2 *Problem
ValidateResourceConfigRequest: type_name 1 string, config 2 Value
ValidateResourceConfigResponse: diagnostics 1 *Problem
ValidateDataResourceConfigRequest: type_name 1 string, config 2 Value
ValidateDataResourceConfigResponse: diagnostics 1 *Problem
ValidateEphemeralResourceConfigRequest: type_name 1 string, config 2 Value
ValidateEphemeralResourceConfigResponse: diagnostics 1 *Problem
ConfigureProviderRequest: config 2 Value
ConfigureProviderResponse: diagnostics 1 *Problem
UpgradeResourceStateRequest: type_name 1 string, version 2 int64, raw_state 3 RawState
UpgradeResourceStateResponse: upgraded_state 1 Value, diagnostics 2 *Problem
ReadResourceRequest: type_name 1 string, current_state 2 Value
ReadResourceResponse: new_state 1 Value, diagnostics 2 *Problem
PlanResourceChangeRequest: type_name 1 string, prior_state 2 Value, proposed_new_state 3 Value, config 4 Value
PlanResourceChangeResponse: planned_state 1 Value, requires_replace 2 *Path, diagnostics 4 *Problem
ApplyResourceChangeRequest: type_name 1 string, prior_state 2 Value, planned_state 3 Value, config 4 Value
ApplyResourceChangeResponse: new_state 1 Value, diagnostics 3 *Problem
ImportResourceStateRequest: type_name 1 string, id 2 string
ImportResourceStateResponse: imported_resources 1 *Imported, diagnostics 2 *Problem
ReadDataSourceRequest: type_name 1 string, config 2 Value
ReadDataSourceResponse: state 1 Value, diagnostics 2 *Problem
OpenEphemeralResourceRequest: type_name 1 string, config 2 Value
OpenEphemeralResourceResponse: diagnostics 1 *Problem, result 3 Value
CloseEphemeralResourceRequest: type_name 1 string
CloseEphemeralResourceResponse: diagnostics 1 *Problem
StopProviderRequest:
StopProviderResponse: Error 1 string
"""

PACKAGE = "herald_tests_tfplugin6"  # a name of its own, because the pool of descriptors is shared
SERVICE = "tfplugin6.Provider"
SINGLE, LIST, SET = 1, 2, 3
NESTING = {"single": SINGLE, "list": LIST, "set": SET}
ERROR = 1


def _message_classes() -> dict[str, Any]:
    """Build the classes from `MESSAGES`."""
    file = descriptor_pb2.FileDescriptorProto(name=f"{PACKAGE}.proto", package=PACKAGE, syntax="proto3")
    for name, fields in re.findall(r"^(\w+):(.*)$", MESSAGES, re.MULTILINE):
        message = file.message_type.add(name=name)
        for field, number, repeated, kind in re.findall(r"(\w+) (\d+) (\*?)(\w+)", fields):
            _add_field(message, field, int(number), bool(repeated), kind)
    pool = descriptor_pool.DescriptorPool()
    pool.AddSerializedFile(file.SerializeToString())
    return {
        message.name: message_factory.GetMessageClass(pool.FindMessageTypeByName(f"{PACKAGE}.{message.name}"))
        for message in file.message_type
    }


def _add_field(message: Any, name: str, number: int, is_repeated: bool, kind: str) -> None:
    types = descriptor_pb2.FieldDescriptorProto
    field = message.field.add(name=name, number=number)
    field.label = types.LABEL_REPEATED if is_repeated else types.LABEL_OPTIONAL
    scalar = {name: getattr(types, f"TYPE_{name.upper()}") for name in ("string", "bytes", "bool", "int64")}
    field.type = scalar.get(kind, types.TYPE_MESSAGE)
    if kind not in scalar:
        field.type_name = f".{PACKAGE}.{kind}"


MESSAGE = _message_classes()
METHODS = [name.removesuffix("Request") for name in MESSAGE if name.endswith("Request")]


class UnknownValue:
    """A value that is known only after the apply."""

    def __repr__(self) -> str:
        return "unknown"


UNKNOWN = UnknownValue()


def decode(value: Any) -> Any:
    """Return the value of a `Value` message."""
    if not value.msgpack:
        return None
    return msgpack.unpackb(value.msgpack, ext_hook=lambda code, data: UNKNOWN, strict_map_key=False)


def encode(value: Any) -> Any:
    """Return a `Value` message."""
    packed = msgpack.packb(value, default=lambda _: msgpack.ExtType(0, b"\0"))
    return MESSAGE["Value"](msgpack=packed)
