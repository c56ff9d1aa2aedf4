"""When a message may be sent, by the clock of its recipient: in a campaign's local hour, or outside the quiet hours."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Literal

from common.clock import zone_or
from common.events import MessageReady, RecipientSelected
from common.ids import has_no_campaign
from common.quiet_hours import OFF, QuietHours

WaitReason = Literal["quiet_hours", "local_hour"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Wait:
    """A message may be sent at `until`, and not before."""

    reason: WaitReason
    until: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class SendTimes:
    """The quiet hours of the deployment, and the time zone of people whose own is not known."""

    quiet_hours: QuietHours | None = None
    zone: tzinfo = UTC

    def wait(self, message: RecipientSelected | MessageReady, now: datetime) -> Wait | None:
        """Until when the message waits; None if it may be sent now.

        A message without a campaign is sent at any time, and nobody waits for a message that is skipped.
        """
        if has_no_campaign(message.campaign_id) or (isinstance(message, MessageReady) and message.skip_reason):
            return None
        return self.wait_at(
            message.timezone,
            now,
            quiet_hours=message.quiet_hours,
            local_hour=message.local_hour,
            transactional=message.transactional,
        )

    def wait_at(
        self,
        timezone: str | None,
        now: datetime,
        *,
        quiet_hours: str | None,
        local_hour: int | None,
        transactional: bool,
    ) -> Wait | None:
        """The same for anybody in a time zone; None: the deployment's. The settings are those of the campaign.

        An hour that the campaign names wins over quiet hours, and holds for transactional messages, too; quiet hours
        do not.
        """
        zone = zone_or(self.zone, timezone)
        if local_hour is not None:
            until = QuietHours.all_but(local_hour).end_after(now, zone)
            return Wait(reason="local_hour", until=until) if until else None
        hours = None if transactional else self.hours_of(quiet_hours)
        until = hours.end_after(now, zone) if hours else None
        return Wait(reason="quiet_hours", until=until) if until else None

    def hours_of(self, own: str | None) -> QuietHours | None:
        """The quiet hours of the campaign, or else of the deployment."""
        if own is None:
            return self.quiet_hours
        return None if own == OFF else QuietHours.parse(own)
