"""The commands on the topics `fan-outs` and `ticks`, and the handler of the first."""

from __future__ import annotations

from pydantic import BaseModel, ValidationError

from common.errors import Invalid
from common.events import CheckMessages, CountSegments, FanOut, FinishCampaign, PlanAudience, Retry, Tick
from common.pubsub.push import PushMessage

from ..sending.audience_plan import AudiencePlanner
from ..sending.fan_out import FanOutWorker
from ..sending.retry import FailedMessageRetry
from .daily_sizes import DailySizes
from .finishing import CampaignFinisher
from .lost_messages import LostMessages

Command = PlanAudience | FanOut | Retry | CheckMessages | FinishCampaign | CountSegments
COMMANDS: dict[str, type[Command]] = {
    "plan": PlanAudience,
    "fan_out": FanOut,
    "retry": Retry,
    "check": CheckMessages,
    "finish": FinishCampaign,
    "count_segments": CountSegments,
}


class _CommandName(BaseModel):
    """The field of a command that says which one it is."""

    command: str = "fan_out"


def parse_command(push_message: PushMessage) -> Command:
    """The command in a push message. Raises `Invalid`."""
    try:
        name = _CommandName.model_validate_json(push_message.data).command
    except ValidationError:
        name = "fan_out"  # its own check names the errors
    if name not in COMMANDS:
        raise Invalid(f"Unknown command: {name!r}.")
    return COMMANDS[name].decode(push_message.data)


def parse_tick(push_message: PushMessage) -> Tick:
    """The tick in a push message, with the time at which it was published. Raises `Invalid`."""
    tick = Tick.decode(push_message.data)
    return tick if tick.at else tick.model_copy(update={"at": push_message.published_at})


class CommandHandler:
    """Passes each command to the class that executes it."""

    def __init__(
        self,
        *,
        planner: AudiencePlanner,
        fan_out: FanOutWorker,
        failed_message_retry: FailedMessageRetry,
        lost_messages: LostMessages,
        finisher: CampaignFinisher,
        daily_sizes: DailySizes,
    ) -> None:
        self._planner = planner
        self._fan_out = fan_out
        self._failed_message_retry = failed_message_retry
        self._lost_messages = lost_messages
        self._finisher = finisher
        self._daily_sizes = daily_sizes

    async def handle(self, command: Command) -> None:
        """Executes the command. It returns when the command's results, or its continuation, are published."""
        match command:
            case PlanAudience():
                await self._planner.run(command)
            case FanOut():
                await self._fan_out.run(command)
                await self._finisher.finish_if_complete(command.campaign_id)
            case Retry():
                await self._failed_message_retry.run(command)
                await self._finisher.finish_if_complete(command.campaign_id)
            case CheckMessages():
                await self._lost_messages.run(command)
            case FinishCampaign():
                await self._finisher.finish_if_complete(command.campaign_id)
            case CountSegments():
                await self._daily_sizes.run(command)
