"""The ports that the services listen on."""

from __future__ import annotations

import secrets
import socket
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass, fields
from typing import Self

from local.serving import HOST


class PortError(Exception):
    """A port cannot be used. The message names the port and its variable."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Ports:
    """The ports that people and tools use; 0 means any free port. All other services always use free ports."""

    site: int = 5000
    firestore: int = 8080
    pubsub: int = 8085
    auth: int = 9099

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> Self:
        values = {name: environ.get(variable) for name, variable in VARIABLES.items()}
        return cls(**{name: _parse_port(VARIABLES[name], value) for name, value in values.items() if value})

    def allocate(self) -> Self:
        """Return the ports with free ones in place of 0. Raise `PortError` if a port is in use or is given twice."""
        with ExitStack() as reserved:
            return type(self)(
                **{
                    field_.name: _bind_fixed(field_.name, getattr(self, field_.name), reserved)
                    for field_ in fields(self)
                }
            )


VARIABLES = {"site": "PORT", "firestore": "FIRESTORE_PORT", "pubsub": "PUBSUB_PORT", "auth": "AUTH_PORT"}
MIN_PORT, MAX_PORT = 10_000, 32_000  # below the range of outgoing connections on Linux and macOS
ANY_PORTS = Ports(site=0, firestore=0, pubsub=0, auth=0)


def free_ports(count: int) -> list[int]:
    """Return distinct free ports. All stay bound until the last one is found.

    The ports are outside the ephemeral range of the system. Otherwise an outgoing connection that is opened before the
    service listens could get the same port.
    """
    with ExitStack() as reserved:
        return [_bind_free(reserved) for _ in range(count)]


def _bind_free(reserved: ExitStack) -> int:
    while True:
        with suppress(OSError):
            return _bind(MIN_PORT + secrets.randbelow(MAX_PORT - MIN_PORT), reserved)


def _parse_port(variable: str, value: str) -> int:
    if not value.isdecimal() or int(value) > 65535:
        raise PortError(f"{variable} must be a port number, not {value!r}.")
    return int(value)


def _bind_fixed(name: str, port: int, reserved: ExitStack) -> int:
    try:
        return _bind(port, reserved) if port else _bind_free(reserved)
    except OSError as error:
        variable = VARIABLES[name]
        raise PortError(
            f"Port {port} is taken: stop the program that uses it, or set {variable} to another port."
        ) from error


def _bind(port: int, reserved: ExitStack) -> int:
    """Bind a port and return its number. It stays bound until `reserved` is closed."""
    listener = reserved.enter_context(socket.socket())
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((HOST, port))
    listener.listen()
    count: int = listener.getsockname()[1]
    return count
