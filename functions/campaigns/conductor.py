"""What can be done to a campaign: each action is one commit over the version that was read, and then the events that
carry it out. If whoever did it dies in between, `tick` finds that nothing moves and publishes them again.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from common.documents import Create, Documents, Query, Snapshot, Update, Where
from common.errors import Conflict, Exists, FieldError, Invalid, NotFound, Refused
from common.events import FanOut, Retry, Tick
from common.ids import BUCKETS, random_id
from common.ledger import Statistics
from common.publishing import Publisher
from common.references import resolved
from common.rules import check

from .states import Action, after
from .targeting import rule_fields


class Conductor:
    def __init__(
        self,
        *,
        documents: Documents,
        publisher: Publisher,
        currency: str,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._documents = documents
        self._publisher = publisher
        self._currency = currency
        self._clock = clock

    async def change(self, campaign: Snapshot, fields: Mapping[str, Any], *, by: str) -> None:
        await self._act("change", campaign, fields, by=by)

    async def schedule(self, campaign: Snapshot, at: datetime, *, by: str) -> None:
        """`tick` launches it then, with its segment as it is then."""
        if at <= self._clock():
            place = FieldError(field="at", code="past", message="Give an instant to come, or none to launch it now.")
            raise Invalid("The start is over already.", fields=[place])
        await self._act("schedule", campaign, {"start_at": at}, by=by)

    async def launch(self, campaign: Snapshot, *, by: str) -> None:
        """The rule and its "now" are frozen in the same commit."""
        segment = campaign.get("segment_id")
        frozen = await (self.segment_rule(segment) if segment else self._frozen(campaign))
        launched = {"launched_at": self._clock(), "launched_by": by, "start_at": None, "open": True}
        await self._act("launch", campaign, frozen | launched, by=by)
        await self._publisher.publish([FanOut(campaign_id=campaign.id, bucket=bucket) for bucket in range(BUCKETS)])

    async def pause(self, campaign: Snapshot, *, by: str) -> None:
        """Fan-out stops at its page; messages on their way are put aside as they arrive."""
        await self._act("pause", campaign, {}, by=by)

    async def resume(self, campaign: Snapshot, *, by: str) -> None:
        await self._act("resume", campaign, {}, by=by)
        await self._go_on(campaign.id)

    async def cancel(self, campaign: Snapshot, *, by: str) -> None:
        """Everybody who was not sent to yet is skipped; that includes those whom fan-out has still to find."""
        was_launched = campaign.get("launched_at") is not None
        over = {} if was_launched else {"finished_at": self._clock()}
        await self._act("cancel", campaign, over | {"retrying": False}, by=by)
        if was_launched:
            await self._go_on(campaign.id)

    async def retry(self, campaign: Snapshot, *, by: str) -> None:
        """Sends again to those whose message failed for a reason that may pass, and to nobody else."""
        number = campaign.get("retries", 0) + (not campaign.get("retrying"))  # who presses twice means one
        anew = {"open": True, "retrying": True, "finished_at": None, "totals": None, "summary": None}
        await self._act("retry", campaign, anew | {"retries": number}, by=by)
        await self._publisher.publish([Retry(command="retry", campaign_id=campaign.id, round=number)])

    async def finish(self, campaign: Snapshot, statistics: Statistics, discrepancy: Mapping[str, Any] | None) -> None:
        finished = {"finished_at": self._clock(), "totals": statistics.totals, "open": False}
        await self._act("finish", campaign, {**finished, "discrepancy": discrepancy}, by=None)

    async def segment_rule(self, segment_id: str) -> dict[str, Any]:
        """The fields of a segment's rule as it is now; `Invalid` where there is no such segment."""
        segment = await self._documents.get(f"segments/{segment_id}") if "/" not in segment_id else None
        if segment is None or not segment.exists:
            place = FieldError(field="segment_id", code="not_found", message="There is no such segment.")
            raise Invalid("The audience does not exist.", fields=[place])
        return await self._frozen(segment)

    async def _frozen(self, stored: Snapshot) -> dict[str, Any]:
        """The fields of the rule of a segment or a campaign, with what it refers to by name as that is now."""
        rule = await resolved(self._documents, check(json.loads(stored["rules"])))
        return rule_fields(rule, self._currency)

    async def _act(self, action: Action, campaign: Snapshot, fields: Mapping[str, Any], *, by: str | None) -> None:
        """Of two actions in the same moment one happens, and the other is refused."""
        state = after(action, campaign["state"])
        writes: list[Create | Update] = [Update(campaign.path, {**fields, "state": state}, campaign.version)]
        log = f"audit/{random_id()}"
        if by:
            entry = {"at": self._clock(), "who": by, "what": action, "campaign": campaign.id}
            writes.append(Create(log, entry))
        try:
            await self._documents.commit(writes)
        except (Conflict, Exists) as error:
            if not (await self._documents.get(log)).exists:  # else it was this commit, made again: its answer was lost
                raise Refused("Somebody else changed the campaign in the same moment; look at it again.") from error

    async def _go_on(self, campaign_id: str) -> None:
        """Fan-out where it is not over, and what was put aside."""
        over = Query(collection="pages", where=[Where("campaign", "==", campaign_id), Where("last", "==", 1)])
        finished = {page["bucket"] for page in await self._documents.query(over)}
        buckets = [bucket for bucket in range(BUCKETS) if bucket not in finished]
        await self._publisher.publish([FanOut(campaign_id=campaign_id, bucket=bucket) for bucket in buckets])
        await self._publisher.publish([Tick()])


async def stored_campaign(documents: Documents, campaign_id: str) -> Snapshot:
    found = await documents.get(f"campaigns/{campaign_id}") if "/" not in campaign_id else None
    if found is None or not found.exists:
        raise NotFound("There is no such campaign.")
    return found
