"""What can be done to a campaign: each action is one commit over the version that was read, and then the events that
carry it out.

    campaigns/{id}   untold   true from that commit until those events are published

If whoever did it dies in between, `tick` publishes them; so does whoever has had no answer and asks once more.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from common.errors import Conflict, FieldError, HeraldError, Invalid, NotFound, Refused
from common.events import FanOut, Retry, Tick
from common.ids import BUCKETS, random_id
from common.messages.ledger import Statistics
from common.pubsub.publisher import Publisher
from common.rules import check
from common.rules.references import resolved
from common.storage.documents import Create, Documents, Query, Snapshot, Update, Where, Write
from common.storage.optimistic_commit import committed

from ..model.audience import rule_fields
from ..model.states import REACHED, Action, after

Fields = Callable[[Snapshot], Mapping[str, Any]]
"""What an action writes, besides the state, of the campaign as it was read."""
AS_READ: frozenset[Action] = frozenset({"change", "schedule", "launch", "finish"})
"""Actions on what a campaign says, or has come to: one that says something else by now is not meant."""


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
        await self._act("change", campaign, lambda _: {**fields, "start_problem": None}, by=by)

    async def schedule(self, campaign: Snapshot, at: datetime, *, by: str) -> None:
        """`tick` launches it then, with its segment as it is then."""
        if at <= self._clock():
            place = FieldError(field="at", code="past", message="Give an instant to come, or none to launch it now.")
            raise Invalid("The start is over already.", fields=[place])
        await self._act("schedule", campaign, lambda _: {"start_at": at, "start_problem": None}, by=by)

    async def launch(self, campaign: Snapshot, *, by: str) -> None:
        """The rule and its "now" are frozen in the same commit."""
        if not _has_happened("launch", campaign, by):
            segment = campaign.get("segment_id")
            frozen = await (self.segment_rule(segment) if segment else self._frozen(campaign))
            launched = {"launched_at": self._clock(), "launched_by": by, "start_at": None, "start_problem": None}
            await self._act("launch", campaign, lambda _: {**frozen, **launched, "open": True, "untold": True}, by=by)
        await self.tell(campaign.id)

    async def note_problem(self, campaign: Snapshot, error: HeraldError) -> None:
        """Why it was not started: kept until it is changed, given another start, or launched."""
        if not error.permanent or campaign.get("start_problem") == str(error):
            return
        with contextlib.suppress(Conflict):  # somebody has done something else since
            update = Update(campaign.path, {"start_problem": str(error)}, campaign.version)
            await self._documents.commit([update])

    async def pause(self, campaign: Snapshot, *, by: str) -> None:
        """Fan-out stops at its page; messages on their way are put aside as they arrive."""
        await self._act("pause", campaign, lambda _: {}, by=by)

    async def resume(self, campaign: Snapshot, *, by: str) -> None:
        await self._act("resume", campaign, lambda _: {"untold": True}, by=by)
        await self.tell(campaign.id)
        await self._publisher.publish([Tick()])

    async def cancel(self, campaign: Snapshot, *, by: str) -> None:
        """Everybody who was not sent to yet is skipped; that includes those whom fan-out has still to find."""
        await self._act("cancel", campaign, self._cancelled, by=by)
        await self.tell(campaign.id)
        await self._publisher.publish([Tick()])

    def _cancelled(self, campaign: Snapshot) -> Mapping[str, Any]:
        was_launched = campaign.get("launched_at") is not None
        return {"retrying": False, **({"untold": True} if was_launched else {"finished_at": self._clock()})}

    async def retry(self, campaign: Snapshot, *, by: str) -> None:
        """Sends again to those whose message failed for a reason that may pass, and to nobody else."""
        await self._act("retry", campaign, _retried, by=by)
        await self.tell(campaign.id)

    async def finish(self, campaign: Snapshot, statistics: Statistics, discrepancy: Mapping[str, Any] | None) -> None:
        finished = {"finished_at": self._clock(), "totals": statistics.totals, "open": False}
        await self._act("finish", campaign, lambda _: {**finished, "discrepancy": discrepancy}, by=None)

    async def tell(self, campaign_id: str) -> None:
        """Publishes what is to be done in the state that the campaign is in: harmless, however often."""
        campaign = await self._documents.get(f"campaigns/{campaign_id}")
        if campaign["state"] not in {"running", "cancelled"} or campaign.get("launched_at") is None:
            return
        await self._publisher.publish(await self._fan_outs(campaign_id))
        if campaign.get("retrying"):
            await self._publisher.publish([Retry(command="retry", campaign_id=campaign_id, round=campaign["retries"])])
        try:
            await self._documents.commit([Update(campaign.path, {"untold": False}, campaign.version)])
        except Conflict:
            return  # somebody has done something else since: whoever did tells that

    async def _fan_outs(self, campaign_id: str) -> list[FanOut]:
        """Of the buckets in which fan-out is not over."""
        of_campaign = [Where("campaign", "==", campaign_id), Where("last", "==", 1)]
        over = await self._documents.query(Query(collection="pages", where=of_campaign, fields=("bucket",)))
        left = sorted(set(range(BUCKETS)) - {page["bucket"] for page in over})
        return [FanOut(campaign_id=campaign_id, bucket=bucket) for bucket in left]

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

    async def _act(self, action: Action, campaign: Snapshot, fields: Fields, *, by: str | None) -> None:
        """Whatever else is written to the campaign meanwhile, as long as its state allows the action."""
        log = f"audit/{random_id()}"

        async def plan(number: int) -> tuple[None, Sequence[Write]]:
            found = await self._documents.get(campaign.path) if number else campaign
            if _has_happened(action, found, by) or (number and (await self._documents.get(log)).exists):
                return None, []  # in the second case it was this commit, made again: its answer was lost
            state = after(action, found["state"])
            if number and action in AS_READ:
                raise Refused("Somebody else changed the campaign in the same moment; look at it again.")
            update = Update(found.path, {**fields(found), "state": state}, found.version)
            entry = {"at": self._clock(), "who": by, "what": action, "campaign": found.id}
            return None, [update, *([Create(log, entry)] if by else [])]

        await committed(self._documents, plan)


def _has_happened(action: Action, campaign: Snapshot, by: str | None) -> bool:
    """Who presses again has got what they asked for; but of two who launch, one is told of the other."""
    return campaign["state"] == REACHED.get(action) and (action != "launch" or campaign.get("launched_by") == by)


def _retried(campaign: Snapshot) -> Mapping[str, Any]:
    """Who presses twice means one retry."""
    number = campaign.get("retries", 0) + (not campaign.get("retrying"))
    anew = {"open": True, "finished_at": None, "totals": None, "summary": None}
    return {**anew, "retrying": True, "retries": number, "untold": True}


async def stored_campaign(documents: Documents, campaign_id: str) -> Snapshot:
    found = await documents.get(f"campaigns/{campaign_id}") if "/" not in campaign_id else None
    if found is None or not found.exists:
        raise NotFound("There is no such campaign.")
    return found
