"""When a message may be sent, by the clock of its recipient."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

from common.clock import zone_or
from common.events import MessageReady
from common.ids import is_of_tests
from common.quiet_hours import OFF, QuietHours


@dataclass(frozen=True, kw_only=True, slots=True)
class SendTimes:
    """The quiet hours of the deployment, and the time zone of people whose own is not known."""

    quiet_hours: QuietHours | None = None
    zone: tzinfo = UTC

    def end_of_quiet_hours(self, message: MessageReady, now: datetime) -> datetime | None:
        """When the message may be sent, if that is not now.

        A transactional message and a test message are sent at any time, and nobody waits for a message that is skipped.
        """
        if message.skip_reason or message.transactional or is_of_tests(message.campaign_id):
            return None
        hours = self._hours_of(message)
        return hours.end_after(now, zone_or(self.zone, message.timezone)) if hours else None

    def _hours_of(self, message: MessageReady) -> QuietHours | None:
        """Those of the campaign, or else of the deployment."""
        if message.quiet_hours is None:
            return self.quiet_hours
        return None if message.quiet_hours == OFF else QuietHours.parse(message.quiet_hours)
