"""The addresses the parts listen on."""

from __future__ import annotations

import secrets
import socket
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass, fields
from typing import Self

from local.serving import HOST


class PortError(Exception):
    """A port cannot be used; the message names it and its variable."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Ports:
    """The ports that people open or point tools at; 0 is any free one. All others are free ones anyway."""

    site: int = 5000
    firestore: int = 8080
    pubsub: int = 8085
    auth: int = 9099

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> Self:
        given = {name: environ.get(variable) for name, variable in VARIABLES.items()}
        return cls(**{name: _number(VARIABLES[name], value) for name, value in given.items() if value})

    def checked(self) -> Self:
        """The same with free ports where there was 0; raises `PortError` when one is taken, or named twice."""
        with ExitStack() as held:
            return type(self)(**{one.name: _held(one.name, getattr(self, one.name), held) for one in fields(self)})


VARIABLES = {"site": "PORT", "firestore": "FIRESTORE_PORT", "pubsub": "PUBSUB_PORT", "auth": "AUTH_PORT"}
LOWEST, HIGHEST = 10_000, 32_000  # below what Linux and macOS give to outgoing connections
ANY = Ports(site=0, firestore=0, pubsub=0, auth=0)


def free_ports(number: int) -> list[int]:
    """Different ones: all are held until the last is found.

    They are not those that the system would give: any connection that somebody opens before the part listens, or
    looks whether it does, may get the very same as its own end.
    """
    with ExitStack() as held:
        return [_free(held) for _ in range(number)]


def _free(held: ExitStack) -> int:
    while True:
        with suppress(OSError):
            return _bound(LOWEST + secrets.randbelow(HIGHEST - LOWEST), held)


def _number(variable: str, value: str) -> int:
    if not value.isdecimal() or int(value) > 65535:
        raise PortError(f"{variable} must be the number of a port, not {value!r}.")
    return int(value)


def _held(name: str, port: int, held: ExitStack) -> int:
    try:
        return _bound(port, held) if port else _free(held)
    except OSError as error:
        variable = VARIABLES[name]
        raise PortError(f"Port {port} is taken: stop what listens there, or set {variable} to another one.") from error


def _bound(port: int, held: ExitStack) -> int:
    """The port's number, which is in use until `held` is closed."""
    listener = held.enter_context(socket.socket())
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((HOST, port))
    listener.listen()
    number: int = listener.getsockname()[1]
    return number
