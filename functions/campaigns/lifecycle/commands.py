"""The commands on `fan-outs`, and who obeys them."""

from __future__ import annotations

from common.errors import Invalid
from common.events import FanOut, Retry
from common.pubsub.push import Pushed

from ..sending.fan_out import FanOutWorker
from ..sending.retry import Retrying

Command = FanOut | Retry


def command_of(pushed: Pushed) -> Command:
    try:
        return Retry.decode(pushed.data)
    except Invalid:
        return FanOut.decode(pushed.data)


class Obeying:
    def __init__(self, *, fan_out: FanOutWorker, retrying: Retrying) -> None:
        self._fan_out = fan_out
        self._retrying = retrying

    async def obey(self, command: Command) -> None:
        match command:
            case FanOut():
                await self._fan_out.run(command)
            case Retry():
                await self._retrying.run(command)
