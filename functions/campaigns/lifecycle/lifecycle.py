"""The actions on a campaign. Each action is one commit over the version that was read; then its commands are published.

    campaigns/{id}   commands_pending   true from that commit until the commands are published (transactional outbox)

If the process dies between the commit and the publishing, `tick` publishes the commands; so does a repeated request.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import unquote

from common.audit import audit_entry, audit_path
from common.catalogue.vendor_choice import check_vendor
from common.clock import Clock, utc_now
from common.errors import Conflict, FieldError, HeraldError, Invalid, NotFound, Refused
from common.events import FanOut, FinishCampaign, PlanAudience, Retry, RetryScope, Tick
from common.ids import BUCKETS
from common.mail.markdown import find_links
from common.messages.ledger import Statistics
from common.pubsub.publisher import Publisher
from common.rules import InSegment, Rule, validate
from common.rules.nodes import walk
from common.rules.references import resolve_references
from common.storage.documents import Documents, Query, Snapshot, Update, Where, Write
from common.storage.optimistic_commit import commit_with_retry

from ..model.audience import rule_fields
from ..model.segment import get_segment_or_404
from ..model.start_error import NO_START_ERROR, start_error_code
from ..model.states import TARGET_STATES, Action, next_state
from .approval import NOT_APPROVED, ChangedSinceCheck, content_fingerprint
from .retention import CLAIM_RETENTION

BuildFields = Callable[[Snapshot], Mapping[str, Any]]
"""Returns the fields that an action writes besides the state. The argument is the campaign as it was read."""
REQUIRES_UNCHANGED: frozenset[Action] = frozenset({"change", "approve", "schedule", "launch", "finish"})
"""Actions that depend on the content of the campaign: they are refused if the campaign was changed in the meantime."""

MAX_LINKS = 100
"""Clicks on further ones are counted together."""


class CampaignLifecycle:
    """Changes the state of campaigns. `by` is the e-mail of the member, for the audit log.

    `available_vendors` are the names of the vendors that this deployment has.

    Every action raises `Refused` if the state of the campaign does not allow it.
    """

    def __init__(
        self,
        *,
        documents: Documents,
        publisher: Publisher,
        available_vendors: Collection[str],
        currency: str,
        clock: Clock = utc_now,
    ) -> None:
        self._documents = documents
        self._publisher = publisher
        self._available_vendors = available_vendors
        self._currency = currency
        self._clock = clock

    async def change(self, campaign: Snapshot, changes: Mapping[str, Any], *, by: str) -> None:
        fields = {**changes, **NOT_APPROVED, **NO_START_ERROR}
        await self._transition("change", campaign, lambda _: fields, by=by)

    async def approve(self, campaign: Snapshot, content: str, *, by: str) -> None:
        """Says that `by` approves the draft as it was read; `content` is its fingerprint."""
        approved = {"approved_by": by, "approved_at": self._clock(), "approved_content": content}
        await self._transition("approve", campaign, lambda _: approved, by=by)

    async def schedule(self, campaign: Snapshot, at: datetime, *, by: str, checked_content: str | None = None) -> None:
        """`tick` launches the campaign at `at`, with the segment as it is then.

        With `checked_content` it starts only if its content still has this fingerprint.

        Raises `Invalid` for a past time, or if this deployment does not have the vendor.
        """
        self._check_vendor(campaign)
        if at <= self._clock():
            error = FieldError(field="at", code="past", message="Give a time in the future, or no time to launch now.")
            raise Invalid("The start time is in the past.", fields=[error])
        scheduled = {"start_at": at, "checked_content": checked_content, **NO_START_ERROR}
        await self._transition("schedule", campaign, lambda _: scheduled, by=by)

    async def unschedule(self, campaign: Snapshot, *, by: str) -> None:
        """The campaign is a draft again."""
        fields = {"start_at": None, "checked_content": None, **NO_START_ERROR}
        await self._transition("unschedule", campaign, lambda _: fields, by=by)

    async def change_pace(self, campaign: Snapshot, per_minute: int | None, *, by: str) -> None:
        """Of a paused campaign: the pace of everybody who has no outcome yet."""
        await self._transition("change_pace", campaign, lambda _: {"per_minute": per_minute}, by=by)

    async def archive(self, campaign: Snapshot, *, by: str) -> None:
        """The list no longer has the campaign. Raises `Refused` while it has pending messages."""
        if campaign.get("open"):
            raise Refused("The campaign has pending messages; archive it when they are done.")
        if not campaign.get("archived"):
            await self._transition("archive", campaign, lambda _: {"archived": True}, by=by)

    async def restore(self, campaign: Snapshot, *, by: str) -> None:
        """The list has the campaign again."""
        if campaign.get("archived"):
            await self._transition("restore", campaign, lambda _: {"archived": False}, by=by)

    async def launch(self, campaign: Snapshot, *, by: str, checked_content: str | None = None) -> None:
        """Freezes the rule and its reference time in the same commit.

        Raises `Invalid` if the segment is gone, or if this deployment does not have the vendor, and
        `ChangedSinceCheck` if the content no longer has the fingerprint `checked_content`.
        """
        if not _already_done("launch", campaign, by):
            self._check_vendor(campaign)
            rule = await self.current_rule_fields(campaign)
            if checked_content is not None and content_fingerprint(campaign, rule) != checked_content:
                raise ChangedSinceCheck()
            launched = {"launched_at": self._clock(), "launched_by": by, "start_at": None, **NO_START_ERROR}
            fields = {**rule, **launched, "links": _links(campaign), "open": True, "commands_pending": True}
            await self._transition("launch", campaign, lambda _: fields, by=by, also=self._keep_lists(rule))
        await self.publish_pending_commands(campaign.id)

    def _keep_lists(self, rule: Mapping[str, Any]) -> list[Update]:
        """Writes that fail if a static segment of the rule is gone, and that let its deletion at this moment fail.

        The rule names the list, and is evaluated after the launch: without the list, `NOT in segment` excluded nobody.
        """
        lists = {node.members_of for node in walk(validate(json.loads(rule["rules"]))) if isinstance(node, InSegment)}
        return [Update(f"segments/{one}", {"launched_at": self._clock()}) for one in sorted(filter(None, lists))]

    async def current_rule_fields(self, campaign: Snapshot) -> dict[str, Any]:
        """The rule fields that a launch would store now."""
        segment = campaign.get("segment_id")
        return await (self.resolve_segment(segment) if segment else self._resolve_rule(campaign))

    def _check_vendor(self, campaign: Snapshot) -> None:
        """The campaign may have been saved when the deployment still had the vendor."""
        check_vendor(campaign["vendor"], campaign["channel"], self._available_vendors)

    async def record_start_error(self, campaign: Snapshot, error: HeraldError) -> None:
        """Stores why a scheduled start failed, until the campaign is changed, rescheduled or launched.

        Temporary errors are not stored.
        """
        found = {"start_error": str(error), "start_error_code": start_error_code(error)}
        if not error.permanent or found.items() <= (campaign.data or {}).items():
            return
        with contextlib.suppress(Conflict):  # the campaign was changed in the meantime
            update = Update(campaign.path, found, campaign.version)
            await self._documents.commit([update])

    async def pause(self, campaign: Snapshot, *, by: str) -> None:
        """Fan-out stops after its current page; messages that are already published are deferred when they arrive.

        If nothing is pending, there is nothing to pause: then the campaign is finished.
        """
        await self._transition("pause", campaign, lambda _: {}, by=by)
        await self._publisher.publish([FinishCampaign(command="finish", campaign_id=campaign.id)])

    async def resume(self, campaign: Snapshot, *, by: str) -> None:
        await self._transition("resume", campaign, lambda _: {"commands_pending": True}, by=by)
        await self.publish_pending_commands(campaign.id)
        await self._publisher.publish([Tick()])

    async def cancel(self, campaign: Snapshot, *, by: str) -> None:
        """Every recipient who was not sent to yet is skipped, including those that fan-out selects later."""
        await self._transition("cancel", campaign, self._cancel_fields, by=by)
        await self.publish_pending_commands(campaign.id)
        await self._publisher.publish([Tick()])

    def _cancel_fields(self, campaign: Snapshot) -> Mapping[str, Any]:
        was_launched = campaign.get("launched_at") is not None
        return {"commands_pending": True} if was_launched else {"finished_at": self._clock()}

    async def retry(self, campaign: Snapshot, *, by: str, scope: RetryScope = "failed") -> None:
        """Sends the messages again that failed with a temporary error, or handles the unknown ones as a person decided.

        Raises `Invalid` if this deployment does not have the vendor.
        """
        self._check_vendor(campaign)
        await self._transition("retry", campaign, lambda stored: _retry_fields(stored, scope), by=by)
        await self.publish_pending_commands(campaign.id)

    async def finish(self, campaign: Snapshot, statistics: Statistics, discrepancy: Mapping[str, Any] | None) -> None:
        """Closes the campaign with its totals. Commands that are still to be published have nothing left to do."""
        now = self._clock()
        closed = {
            "open": False,
            "commands_pending": False,
            "retained_since": now,
            "claims_until": now + CLAIM_RETENTION,
        }
        finished = {"finished_at": now, "totals": statistics.totals, **closed}
        await self._transition("finish", campaign, lambda _: {**finished, "discrepancy": discrepancy}, by=None)

    async def publish_pending_commands(self, campaign_id: str) -> None:
        """Publishes the commands that the current state of the campaign needs. Repeating it is harmless."""
        campaign = await self._documents.get(f"campaigns/{campaign_id}")
        if campaign["state"] not in {"running", "cancelled"} or campaign.get("launched_at") is None:
            return
        await self._publisher.publish(await self._find_unfinished_fan_outs(campaign))
        if campaign.get("retrying"):
            await self._publisher.publish([_retry_command(campaign)])
        try:
            await self._documents.commit([Update(campaign.path, {"commands_pending": False}, campaign.version)])
        except Conflict:
            return  # another action was committed in the meantime, and publishes its own commands

    async def _find_unfinished_fan_outs(self, campaign: Snapshot) -> list[PlanAudience] | list[FanOut]:
        """One command for each bucket whose fan-out is not finished, or the one that plans the audience first."""
        if not campaign.get("audience_plan"):
            return [PlanAudience(command="plan", campaign_id=campaign.id)]
        of_campaign = [Where("campaign", "==", campaign.id), Where("last", "==", 1)]
        last_pages = await self._documents.query(Query(collection="pages", where=of_campaign, fields=("bucket",)))
        unfinished = sorted(set(range(BUCKETS)) - {page["bucket"] for page in last_pages})
        return [FanOut(campaign_id=campaign.id, bucket=bucket) for bucket in unfinished]

    async def resolve_segment(self, segment_id: str) -> dict[str, Any]:
        """The rule fields of a segment as it is now. Raises `Invalid` if there is no such segment."""
        return rule_fields(await self.segment_rule(segment_id), self._currency)

    async def segment_rule(self, segment_id: str) -> Rule:
        """The rule of a segment as it is now. Raises `Invalid` if there is no such segment."""
        try:
            segment = await get_segment_or_404(self._documents, segment_id)
        except NotFound as not_found:
            error = FieldError(field="segment_id", code="not_found", message=str(not_found))
            raise Invalid("The audience does not exist.", fields=[error]) from None
        return await self._current_rule(segment)

    async def _resolve_rule(self, stored: Snapshot) -> dict[str, Any]:
        """The rule fields of a stored campaign, with the current rules of what its rule refers to."""
        return rule_fields(await self._current_rule(stored), self._currency)

    async def _current_rule(self, stored: Snapshot) -> Rule:
        return await resolve_references(self._documents, validate(json.loads(stored["rules"])))

    async def _transition(
        self,
        action: Action,
        campaign: Snapshot,
        build_fields: BuildFields,
        *,
        by: str | None,
        also: Sequence[Update] = (),
    ) -> None:
        """Commits the action, its audit entry, and `also` these. Retries if the campaign was changed in the meantime.

        Raises `Refused` if the state no longer allows the action, or if the action is in `REQUIRES_UNCHANGED`.
        """
        entry_path = audit_path()

        async def build(attempt: int) -> tuple[None, Sequence[Write]]:
            """The update of the campaign and its audit entry; no writes if the action has happened already."""
            current = await self._documents.get(campaign.path) if attempt else campaign
            if _already_done(action, current, by) or (attempt and (await self._documents.get(entry_path)).exists):
                return None, []  # in the second case this commit succeeded before, and its response was lost
            state = next_state(action, current["state"])
            if attempt and action in REQUIRES_UNCHANGED:
                raise Refused("Someone else changed the campaign at the same time; look at it again.")
            update = Update(current.path, {**build_fields(current), "state": state}, current.version)
            if not by:
                return None, [update, *also]
            about = {"campaign": current.id, **({"transactional": True} if update.data.get("transactional") else {})}
            entry = audit_entry(action, by=by, at=self._clock(), path=entry_path, subject=about)
            return None, [update, entry, *also]

        await commit_with_retry(self._documents, build)


def _already_done(action: Action, campaign: Snapshot, by: str | None) -> bool:
    """Whether this is a repeated request. A launch counts as repeated only for the member who launched."""
    return campaign["state"] == TARGET_STATES.get(action) and (action != "launch" or campaign.get("launched_by") == by)


def _links(campaign: Snapshot) -> list[str]:
    """The links of the message that are the same for everybody who gets one of its texts: clicks are counted for each
    of them."""
    message = campaign["message"]
    texts = [message, *(message.get("languages") or {}).values()]
    links = dict.fromkeys(link for text in texts for link in find_links(text["body"]))
    return [link for link in links if not any(sign in unquote(link) for sign in ("{{", "{%"))][:MAX_LINKS]


def _retry_fields(campaign: Snapshot, scope: RetryScope) -> Mapping[str, Any]:
    """A request that is repeated while a retry is in progress does not start another retry.

    Raises `Refused` if the retry in progress is about other messages, or if the claims are deleted already.
    """
    if campaign.get("retrying") and campaign.get("retry_scope", "failed") != scope:
        raise Refused("Another retry of this campaign is in progress; try again when it has ended.")
    number = campaign.get("retries", 0) + (not campaign.get("retrying"))
    if campaign.get("claims_deleted"):
        raise Refused("The messages of this campaign are no longer stored, so that they cannot be sent again.")
    closed = {"finished_at": None, "totals": None, "summary": None, "retained_since": None, "claims_until": None}
    retrying = {"retrying": True, "retries": number, "retry_scope": scope, "commands_pending": True}
    return {"open": True, "archived": False, **closed, **retrying}


def _retry_command(campaign: Snapshot) -> Retry:
    scope = campaign.get("retry_scope", "failed")
    return Retry(command="retry", campaign_id=campaign.id, round=campaign["retries"], scope=scope)
