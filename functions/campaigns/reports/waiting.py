"""How many people of a campaign wait for the morning or for the campaign's hour, and when the last one gets it.

A campaign with a rate and a local hour can take days: what does not fit into the hour waits for the next day's.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from pydantic import BaseModel

from common.audience import Audience
from common.messages.send_times import SendTimes, Wait, WaitReason
from common.rules import Rule
from common.rules.sql import Condition, and_

from ..model.campaign import CampaignResponse

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LONGEST = timedelta(days=366)
"""It is not reckoned further."""
PER_ZONE = "SELECT timezone, count(*) FROM customers WHERE {} GROUP BY timezone"


class WaitingPeople(BaseModel):
    """People whose message waits from the start on."""

    reason: WaitReason
    count: int
    until: datetime  # when the last of them can get it


class WaitingEstimate(BaseModel):
    """Who waits for the clock where they are, and when everybody has got the message."""

    quiet_hours: str | None  # those that apply: of the campaign, or else of the deployment; null without any
    people: list[WaitingPeople]  # by reason; empty if nobody waits
    done_at: datetime  # at the pace of the estimate; without one, when the last person stops waiting


@dataclass(frozen=True, slots=True)
class ZoneGroup:
    """People in one time zone, who wait alike."""

    people: int
    wait: Wait | None


async def estimate_waiting(
    audience: Audience,
    campaign: CampaignResponse,
    rule: Rule,
    excluding: Sequence[Rule | Condition],
    *,
    times: SendTimes,
    start: datetime,
    per_minute: int | None,
) -> WaitingEstimate:
    """For a campaign that starts then, to those whom the rule matches and who are not excluded."""
    reachable = await audience.where(rule, start)
    for exclusion in excluding:
        condition = await audience.where(exclusion, start)
        reachable = and_(reachable, Condition(f"NOT coalesce({condition.sql}, false)", condition.parameters))
    rows = await audience.select(PER_ZONE.format(reachable.sql), reachable.parameters)
    groups = [ZoneGroup(people, _wait(times, campaign, zone, start)) for zone, people in rows]
    hours = None if campaign.transactional or campaign.local_hour is not None else times.hours_of(campaign.quiet_hours)
    return WaitingEstimate(
        quiet_hours=str(hours) if hours else None,
        people=_by_reason(groups),
        done_at=finish(groups, start, per_minute=per_minute, one_hour_only=campaign.local_hour is not None),
    )


def _wait(times: SendTimes, campaign: CampaignResponse, zone: str | None, start: datetime) -> Wait | None:
    return times.wait_at(
        zone,
        start,
        quiet_hours=campaign.quiet_hours,
        local_hour=campaign.local_hour,
        transactional=campaign.transactional,
    )


def _by_reason(groups: Sequence[ZoneGroup]) -> list[WaitingPeople]:
    counts: Counter[WaitReason] = Counter()
    ends: dict[WaitReason, datetime] = {}
    for group in groups:
        if wait := group.wait:
            counts[wait.reason] += group.people
            ends[wait.reason] = max(wait.until, ends.get(wait.reason, wait.until))
    return [WaitingPeople(reason=reason, count=count, until=ends[reason]) for reason, count in counts.items()]


def finish(groups: Sequence[ZoneGroup], start: datetime, *, per_minute: int | None, one_hour_only: bool) -> datetime:
    """When the last message is sent. Those whose time comes first are sent first.

    With `one_hour_only`, each group has an hour a day; one that begins in it may have less of it.
    """
    queue = [(group.wait.until if group.wait else start, group.people) for group in groups]
    heapq.heapify(queue)
    at = start
    while queue and at < start + LONGEST:
        begin, people = heapq.heappop(queue)
        at = max(at, begin)
        if not per_minute:
            continue
        end = begin + HOUR
        room = int((end - at).total_seconds() * per_minute / 60) if one_hour_only else people
        sent = max(0, min(people, room))
        at += timedelta(minutes=sent / per_minute)
        if people > sent:
            heapq.heappush(queue, (begin + DAY, people - sent))
    return at
