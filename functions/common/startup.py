"""What every `main.py` does first, and what the endpoints of every function are made of."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import TypeVar

from common import logs
from common.publishing import Publisher
from common.push import Endpoint, Pushed, into_the_log, to_dead_letters
from common.settings import Push, refuse_emulators_in_the_cloud
from common.tokens import Tokens

E = TypeVar("E")


def start(environ: Mapping[str, str]) -> None:
    """Raises `Misconfigured` before anything is served when an emulator's variable is set in the cloud."""
    refuse_emulators_in_the_cloud(environ)
    logs.configure()


def endpoint(
    environ: Mapping[str, str],
    publisher: Publisher,
    *,
    read: Callable[[Pushed], E],
    handle: Callable[[E], Awaitable[None]],
) -> Endpoint[E]:
    """A Pub/Sub entry point that accepts the pushes of its own subscription."""
    push = Push.read(environ)
    bury = to_dead_letters(publisher)
    return Endpoint(read=read, handle=handle, tokens=Tokens(push), bury=bury, attempts=push.attempts)


def last_endpoint(
    environ: Mapping[str, str], *, read: Callable[[Pushed], E], handle: Callable[[E], Awaitable[None]]
) -> Endpoint[E]:
    """The one where the dead letters arrive."""
    return Endpoint(read=read, handle=handle, tokens=Tokens(Push.read(environ)), bury=into_the_log)
