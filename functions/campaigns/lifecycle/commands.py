"""The commands on the topics `fan-outs` and `ticks`, and the handler of the first."""

from __future__ import annotations

from common.errors import Invalid
from common.events import FanOut, Retry, Tick
from common.pubsub.push import PushMessage

from ..sending.fan_out import FanOutWorker
from ..sending.retry import FailedMessageRetry

Command = FanOut | Retry


def parse_command(push_message: PushMessage) -> Command:
    """The command in a push message. Raises `Invalid`."""
    try:
        return Retry.decode(push_message.data)
    except Invalid:
        return FanOut.decode(push_message.data)


def parse_tick(push_message: PushMessage) -> Tick:
    """The tick in a push message, with the time at which it was published. Raises `Invalid`."""
    tick = Tick.decode(push_message.data)
    return tick if tick.at else tick.model_copy(update={"at": push_message.published_at})


class CommandHandler:
    """Passes each command to the class that executes it."""

    def __init__(self, *, fan_out: FanOutWorker, failed_message_retry: FailedMessageRetry) -> None:
        self._fan_out = fan_out
        self._failed_message_retry = failed_message_retry

    async def handle(self, command: Command) -> None:
        match command:
            case FanOut():
                await self._fan_out.run(command)
            case Retry():
                await self._failed_message_retry.run(command)
